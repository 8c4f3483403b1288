using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OrleansAlign.Core.Stages;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Judges;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Text;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Client.Commands;

/// <summary><c>align explain</c>: from a preference pair back to verdicts, candidates, policy, seed and prompt.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        Argument<string> pair = new("pair")
        {
            Description = "RUN/STAGE.ROUND.PROMPT.PAIR, as in demo-seed1/1.1.0.0; without .PAIR, all pairs of the prompt's tournament.",
        };
        HostFlags hosts = new();
        const string description = "Show where a preference pair came from: every match, both orders, every candidate, down to policy and seed.";
        var command = new Command("explain", description) { pair };
        hosts.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            (string run, PromptKey key, int? index) = Parse(parsed.GetRequiredValue(pair));
            await using IRunHost host = await hosts.OpenAsync(parsed, threads: 0, cancel).ConfigureAwait(false);
            await using ILedgerReader ledger = await host.OpenLedgerAsync(run, cancel).ConfigureAwait(false);
            RunRow row = await ledger.RunAsync(cancel).ConfigureAwait(false) ?? throw new InvalidDataException($"{run}: the run was killed before it began");
            IReadOnlyList<PairSetRow> sets = await ledger.PairSetsAsync(key.Stage, key.Round, key.Index, key.Index + 1, cancel).ConfigureAwait(false);
            if (sets.Count == 0)
            {
                throw new BadInputException($"{run}/{key}: no tournament is recorded there; rounds begin at 1, stages, prompts and pairs at 0");
            }

            if (index is { } i && i >= sets[0].Pairs.Count)
            {
                throw new BadInputException($"{run}/{key}.{i}: the tournament has {sets[0].Pairs.Count} pairs; they are counted from 0");
            }

            await PrintAsync(ledger, row, sets[0], index, cancel).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task PrintAsync(ILedgerReader ledger, RunRow run, PairSetRow set, int? pair, CancellationToken cancel)
    {
        PromptKey key = set.Key;
        IReadOnlyList<CompletionRow> candidates = await ledger.CompletionsAsync(key.Stage, key.Round, key.Index, key.Index + 1, cancel).ConfigureAwait(false);
        VerdictKey[] keys = [.. set.Matches.Where(m => m.Key is not null).Select(m => m.Key!.Value.ToCanonical()).Distinct()];
        IReadOnlyDictionary<VerdictKey, Verdict> verdicts = await ledger.VerdictsAsync(keys, cancel).ConfigureAwait(false);
        StageOptions stage = RecipeFile.Parse(run.Recipe, run.RunId, run.Folder, needFiles: false).Recipe.Stages[key.Stage];
        Decision decision = ((PreferenceOptions)stage).Decision;

        Console.WriteLine($"Prompt {set.PromptId}, number {key.Index} of round {key.Round}, stage {key.Stage} ({stage.Kind}) of run {run.RunId}");
        foreach (JsonElement message in JsonDocument.Parse(set.Messages).RootElement.EnumerateArray())
        {
            Console.WriteLine($"  {message.GetProperty("Role").GetString()}: {Shared.Visible(message.GetProperty("Content").GetString()!)}");
        }

        Console.WriteLine();
        CompletionRow? drawn = candidates.FirstOrDefault(c => c.Policy != RoundPlan.DataPolicy);
        Console.WriteLine(drawn is null ? "Candidates, given by the data" : $"Candidates, drawn by policy {drawn.Policy[..12]}");
        foreach (CompletionRow candidate in candidates)
        {
            string end = candidate.Finish == FinishReason.Stop ? "ended" : "cut off";
            string origin = candidate.Policy == RoundPlan.DataPolicy
                ? "given by the data"
                : $"{end}, log-prob {candidate.LogProbs.Sum():F2}, seed {candidate.Seed:x16}";
            Console.WriteLine($"  {candidate.Candidate}  \"{Shared.Visible(candidate.Text)}\"  ({candidate.Tokens.Length} tokens, {origin})");
        }

        Console.WriteLine();
        IReadOnlyList<string> unread = await WhyUnreadAsync(ledger, run, set, candidates, cancel).ConfigureAwait(false);
        for (int i = 0; i < set.Scores.Count; i++)
        {
            Console.WriteLine($"Score of {i}: {set.Scores[i]?.ToString("F2", CultureInfo.InvariantCulture) ?? $"none could be read{unread[i]}"}");
        }

        string judge = set.Matches.FirstOrDefault(m => m.Key is not null)?.Key!.Value.Judge[..12] ?? "not asked";
        if (decision is Decision.ByBracket bracket) Console.WriteLine($"Bracket: {bracket.Format.Name()}, judge {judge}");
        foreach (MatchRow match in set.Matches)
        {
            Console.WriteLine($"  {match.Match,-10} {match.A} against {match.B} → {Ending(match)}{(match.Flipped ? ", flipped on swap" : "")}");
            if (match.Key is not { } question || !verdicts.TryGetValue(question.ToCanonical(), out Verdict? verdict)) continue;
            if (verdict.Reason is { } why) Console.WriteLine($"             {why}");
            foreach (PrincipleReading reading in verdict.Readings)
            {
                PrincipleReading seen = question.IsCanonical ? reading : reading.Swap();
                Console.WriteLine(
                    $"             {seen.Principle}: "
                    + $"p({match.A}) {seen.Forward.ProbabilityA:F3}, p({match.B}) {seen.Forward.ProbabilityB:F3} with {match.A} first; "
                    + $"p({match.A}) {seen.Swapped.ProbabilityB:F3}, p({match.B}) {seen.Swapped.ProbabilityA:F3} with {match.B} first");
            }
        }

        Console.WriteLine();
        if (set.Pairs.Count == 0) Console.WriteLine("No pair came of it.");
        for (int i = 0; i < set.Pairs.Count; i++)
        {
            if (pair is not null && pair != i) continue;
            PairRow row = set.Pairs[i];
            Console.WriteLine($"Pair {run.RunId}/{key}.{i}: {(decision.AsksJudge ? $"margin {row.Margin:F3}, " : "")}by {decision.PairingName}");
            string chosen = Shared.Visible(candidates[row.Chosen].Text), rejected = Shared.Visible(candidates[row.Rejected].Text);
            string under = row.ReferenceChosen is { } better ? $"  log-prob {better:F2} under reference {set.Reference[..12]}" : "";
            Console.WriteLine($"  chosen   {row.Chosen}  \"{chosen}\"{under}");
            Console.WriteLine($"  rejected {row.Rejected}  \"{rejected}\"{(row.ReferenceRejected is { } worse ? $"  log-prob {worse:F2}" : "")}");
        }
    }

    /// <summary>For each candidate: why the judge's words gave no rating, as recorded; empty where they did.</summary>
    private static async Task<IReadOnlyList<string>> WhyUnreadAsync(
        ILedgerReader ledger, RunRow run, PairSetRow set, IReadOnlyList<CompletionRow> candidates, CancellationToken cancel)
    {
        string[] why = [.. set.Scores.Select(_ => "")];
        RoundRow[] rounds = [.. (await ledger.RoundsAsync(cancel).ConfigureAwait(false)).Where(r => r.Stage == set.Key.Stage && r.Round <= set.Key.Round)];
        if (!set.Scores.Contains(null) || rounds.Length == 0) return why;
        Recipe recipe = RecipeFile.Parse(run.Recipe, run.RunId, run.Folder, needFiles: false).Recipe;
        bool isFrozen = ((PreferenceOptions)recipe.Stages[set.Key.Stage]).JudgedBy == JudgePolicy.Frozen;
        string id = new JudgeFactory(recipe.Judge, run.Seed, recipe.ChatTemplate).IdOf(rounds[isFrozen ? 0 : ^1].PolicyBefore);
        IReadOnlyList<ChatMessage> messages = JsonSerializer.Deserialize<ChatMessage[]>(set.Messages)!;
        RatingKey[] keys = [.. candidates.Select(c => new RatedResponse(messages, c.Text).Key(id))];
        IReadOnlyDictionary<RatingKey, Rating> ratings = await ledger.RatingsAsync(keys, cancel).ConfigureAwait(false);
        for (int i = 0; i < why.Length; i++)
        {
            if (ratings.TryGetValue(keys[i], out Rating? rating) && rating is Rating.Unparsable { Reason: var reason }) why[i] = $" ({Shared.Visible(reason)})";
        }

        return why;
    }

    private static string Ending(MatchRow match) => match.Outcome switch
    {
        Outcome.A => $"{match.A} wins, margin {match.Margin:F3}",
        Outcome.B => $"{match.B} wins, margin {-match.Margin:F3}",
        Outcome.Tie when match.Key is null => "identical, not judged",
        Outcome.Tie => $"tie, margin {Math.Abs(match.Margin):F3}",
        _ => "invalid",
    };

    private static (string Run, PromptKey Key, int? Pair) Parse(string text)
    {
        int slash = text.LastIndexOf('/');
        int[] numbers = [.. text[(slash + 1)..].Split('.')
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : -1)];
        if (slash <= 0 || numbers.Length is < 3 or > 4 || numbers.Any(n => n < 0))
        {
            throw new BadInputException($"{text}: not the name of a pair; it is RUN/STAGE.ROUND.PROMPT.PAIR, as in demo-seed1/1.1.0.0");
        }

        return (text[..slash], new PromptKey(numbers[0], numbers[1], numbers[2]), numbers.Length == 4 ? numbers[3] : null);
    }
}
