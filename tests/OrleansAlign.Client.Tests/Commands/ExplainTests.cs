using System.Globalization;
using System.Text.RegularExpressions;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Ledgers;

namespace OrleansAlign.Client.Tests.Commands;

[Collection(FinishedRuns.Name)]
public sealed partial class ExplainTests(FinishedRun run)
{
    [Fact]
    public async Task A_pair_is_explained_down_to_candidates_policy_and_seeds()
    {
        (PairSetRow set, IReadOnlyList<CompletionRow> candidates, RoundRow round) = await FindAsync(s => s.Pairs.Count > 1);

        string output = await ExplainAsync($"{set.Key}.1");

        Assert.Contains($"Prompt {set.PromptId}, number {set.Key.Index} of round {set.Key.Round}, stage 1 (self-judge) of run {FinishedRun.Id}",
            output, StringComparison.Ordinal);
        Assert.Matches("  user: say (red|blue|green|gold)\n", output);
        Assert.Contains($"drawn by policy {round.PolicyBefore[..12]}\n", output, StringComparison.Ordinal);
        foreach (CompletionRow candidate in candidates)
        {
            string line = Assert.Single(output.Split('\n'), l => l.StartsWith($"  {candidate.Candidate}  \"", StringComparison.Ordinal));
            Assert.Contains($"\"{candidate.Text}\"", line, StringComparison.Ordinal);
            Assert.Contains($"({candidate.Tokens.Length} tokens", line, StringComparison.Ordinal);
            Assert.Contains($"seed {candidate.Seed:x16}", line, StringComparison.Ordinal);
        }

        PairRow pair = set.Pairs[1];
        Assert.Contains($"Pair {FinishedRun.Id}/{set.Key}.1: margin {pair.Margin:F3}, by all-decided", output, StringComparison.Ordinal);
        Assert.DoesNotContain($"Pair {FinishedRun.Id}/{set.Key}.0", output, StringComparison.Ordinal);
        Assert.Contains(
            $"  chosen   {pair.Chosen}  \"{candidates[pair.Chosen].Text}\"  log-prob {pair.ReferenceChosen:F2} under reference {round.PolicyBefore[..12]}\n"
            + $"  rejected {pair.Rejected}  \"{candidates[pair.Rejected].Text}\"  log-prob {pair.ReferenceRejected:F2}\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_match_shows_both_orders_and_they_add_up_to_its_outcome()
    {
        (PairSetRow set, _, _) = await FindAsync(s => s.Matches.Count(m => m.Key is not null) > 1 && s.Matches.Any(m => m.Key is { IsCanonical: false }));

        string output = await ExplainAsync(set.Key.ToString());

        string[] lines = output.Split('\n');
        foreach (MatchRow match in set.Matches.Where(m => m.Key is not null))
        {
            int at = Array.FindIndex(lines, l => l.TrimStart().StartsWith(match.Match + " ", StringComparison.Ordinal));
            Assert.Contains($" {match.A} against {match.B} → ", lines[at], StringComparison.Ordinal);
            Match orders = Orders().Match(lines[at + 1]);
            Assert.True(orders.Success, lines[at + 1]);
            Assert.Equal(
                [match.A, match.B, match.A, match.A, match.B, match.B],
                new[] { 1, 3, 5, 6, 8, 10 }.Select(i => int.Parse(orders.Groups[i].Value, CultureInfo.InvariantCulture)));
            double a = Probability(orders, 2) + Probability(orders, 7), b = Probability(orders, 4) + Probability(orders, 9);
            if (match.Outcome.IsDecided()) Assert.Contains($"→ {(match.Outcome == Outcome.A ? match.A : match.B)} wins", lines[at], StringComparison.Ordinal);
            Assert.InRange((a - b) / (a + b), match.Margin - (0.003 / (a + b)), match.Margin + (0.003 / (a + b)));
        }

        Assert.Equal(set.Pairs.Count, lines.Count(l => l.StartsWith("Pair ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_pair_that_a_run_names_at_its_end_can_be_explained()
    {
        string named = Assert.Single(Named().Matches(run.Output)).Groups[1].Value;

        Assert.Contains($"Pair {named}: ", await ExplainAsync(named.Split('/')[1]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("colours-seed5", "not the name of a pair")]
    [InlineData("colours-seed5/1.1", "not the name of a pair")]
    [InlineData("colours-seed5/1.1.0.0.0", "not the name of a pair")]
    [InlineData("colours-seed5/1.1.x.0", "not the name of a pair")]
    [InlineData("colours-seed5/1.1.-1.0", "not the name of a pair")]
    [InlineData("colours-seed5/1.3.0.0", "no tournament is recorded")]
    [InlineData("colours-seed5/0.0.0.0", "no tournament is recorded")]
    [InlineData("colours-seed5/1.1.256.0", "no tournament is recorded")]
    [InlineData("colours-seed5/1.1.0.99", "counted from 0")]
    [InlineData("other/1.1.0.0", "there is no run other")]
    public async Task A_pair_that_is_not_there_is_refused(string pair, string expected) =>
        (await Align.RunAsync(null, "explain", pair, "--runs", run.Runs)).IsRefusal(expected);

    [GeneratedRegex(
        @"^ +right: p\((\d)\) ([01]\.\d{3}), p\((\d)\) ([01]\.\d{3}) with (\d) first; p\((\d)\) ([01]\.\d{3}), p\((\d)\) ([01]\.\d{3}) with (\d) first$")]
    private static partial Regex Orders();

    [GeneratedRegex(@"\./align explain (\S+)")]
    private static partial Regex Named();

    private static double Probability(Match orders, int group) => double.Parse(orders.Groups[group].Value, CultureInfo.InvariantCulture);

    private async Task<string> ExplainAsync(string pair)
    {
        Ending ending = await Align.RunAsync(null, "explain", $"{FinishedRun.Id}/{pair}", "--runs", run.Runs);
        Assert.Equal((0, ""), (ending.Code, ending.Error));
        return ending.Output;
    }

    /// <summary>The first pair set that fits the predicate, with its candidates and its round.</summary>
    private async Task<(PairSetRow Set, IReadOnlyList<CompletionRow> Candidates, RoundRow Round)> FindAsync(Func<PairSetRow, bool> wished)
    {
        await using SqliteLedger ledger = run.Ledger();
        foreach (RoundRow round in (await ledger.RoundsAsync()).Where(r => r.Round > 0))
        {
            if ((await ledger.PairSetsAsync(round.Stage, round.Round, 0, int.MaxValue)).FirstOrDefault(wished) is not { } set) continue;
            return (set, await ledger.CompletionsAsync(round.Stage, round.Round, set.Key.Index, set.Key.Index + 1), round);
        }

        throw new InvalidOperationException("the run has no such pair set");
    }
}
