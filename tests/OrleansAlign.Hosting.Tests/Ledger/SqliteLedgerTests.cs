using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Hosting.Ledger;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Hosting.Tests.Ledger;

public sealed class SqliteLedgerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("align-ledger-").FullName;

    private string LedgerPath => Path.Combine(folder, "ledger.db");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task What_was_written_is_read_by_the_next_process_to_the_bit()
    {
        var completion = new CompletionRow(
            new PromptKey(1, 2, 3), "p3", 4, "policy", ulong.MaxValue, FinishReason.Length, [1, 2, 65_000], [-0.1f, float.MinValue, -float.Epsilon], "text, with \"é\" and \0");
        var verdict = new VerdictRow(
            new VerdictKey("judge", "context", "a", "b"),
            new Verdict(Outcome.Tie, 1.0 / 3, 0.1 + 0.2, -0.25, [new PrincipleReading("overall", new OrderReading(0.1, 0.7), new OrderReading(1e-300, 0.3))]) { Flipped = true });
        var invalid = new VerdictRow(new VerdictKey("judge", "context", "a", "c"), Verdict.OfInvalid("too long"));
        var pairs = new PairSetRow(
            new PromptKey(1, 2, 3), "p3", "[]", [7, 8], "reference",
            [new MatchRow("main-1-0", 0, 1, Outcome.B, -0.5, true, verdict.Key), new MatchRow("main-1-1", 2, 3, Outcome.Tie, 0, false, null)],
            [1.5, null], [new PairRow(1, 0, 0.5, -12.25, -13.0 / 7)]);
        var step = new StepRow(1, 2, 1, 1e-4, new StepReport(0.1 + 0.2, 3, 99, new Dictionary<string, double> { ["rewards/margins"] = -1.0 / 3 }));
        var round = new RoundRow(1, 2, "self-judge", "before", "after", new Dictionary<string, double> { ["loss"] = double.NaN });
        var evaluation = new EvaluationRow("after", new Dictionary<string, double> { ["pass_rate"] = 0.4 }, [new EvaluationSample("q", "r", true)]);
        await using (SqliteLedger ledger = SqliteLedger.Open(LedgerPath))
        {
            await ledger.AddRunAsync(new RunRow("run", "name: x", "/data", ulong.MaxValue, "hash", "0.1.0"));
            await ledger.AddCompletionsAsync([completion]);
            await ledger.AddVerdictsAsync([verdict, invalid]);
            await ledger.AddRatingsAsync([new RatingRow(new RatingKey("r", "c", "x"), new Rating.Scored(0.1 + 0.2)), new RatingRow(new RatingKey("r", "c", "y"), new Rating.Unparsable("why"))]);
            await ledger.AddPairSetsAsync([pairs]);
            await ledger.AddStepsAsync([step]);
            await ledger.AddTrainerCheckpointAsync(new TrainerCheckpointRow(1, 2, 100, "old"));
            await ledger.AddTrainerCheckpointAsync(new TrainerCheckpointRow(1, 2, 200, "new"));
            await ledger.AddRoundAsync(round);
            await ledger.AddEvaluationAsync(evaluation);
        }

        await using SqliteLedger again = SqliteLedger.Open(LedgerPath);

        Assert.Equal(new RunRow("run", "name: x", "/data", ulong.MaxValue, "hash", "0.1.0"), await again.RunAsync());
        CompletionRow read = Assert.Single(await again.CompletionsAsync(1, 2, 3, 4));
        Assert.Equal(completion.Tokens, read.Tokens);
        Assert.Equal(completion.LogProbs, read.LogProbs);
        Assert.Equal(completion with { Tokens = read.Tokens, LogProbs = read.LogProbs }, read);
        IReadOnlyDictionary<VerdictKey, Verdict> verdicts = await again.VerdictsAsync([verdict.Key, invalid.Key, new VerdictKey("x", "y", "a", "b")]);
        Assert.Equal(2, verdicts.Count);
        Assert.Equal(verdict.Verdict, verdicts[verdict.Key]);
        Assert.Equal("too long", verdicts[invalid.Key].Reason);
        IReadOnlyDictionary<RatingKey, Rating> ratings = await again.RatingsAsync([new RatingKey("r", "c", "x"), new RatingKey("r", "c", "y"), new RatingKey("r", "c", "z")]);
        Assert.Equal(2, ratings.Count);
        Assert.Equal(new Rating.Scored(0.1 + 0.2), ratings[new RatingKey("r", "c", "x")]);
        Assert.Equal(new Rating.Unparsable("why"), ratings[new RatingKey("r", "c", "y")]);
        PairSetRow set = Assert.Single(await again.PairSetsAsync(1, 2, 0, int.MaxValue));
        Assert.Equal(pairs.PromptTokens, set.PromptTokens);
        Assert.Equal(pairs.Matches, set.Matches);
        Assert.Equal(pairs.Scores, set.Scores);
        Assert.Equal(pairs.Pairs, set.Pairs);
        StepRow readStep = Assert.Single(await again.StepsAsync(1, 2));
        Assert.Equal((0.1 + 0.2, -1.0 / 3), (readStep.Report.Loss, readStep.Report.Metrics["rewards/margins"]));
        Assert.Equal([(200, "new"), (100, "old")], (await again.TrainerCheckpointsAsync(1, 2)).Select(c => (c.Step, c.File)));
        Assert.True(double.IsNaN(Assert.Single(await again.RoundsAsync()).Metrics["loss"]));
        Assert.Equal(evaluation.Samples, (await again.EvaluationAsync("after"))!.Samples);
        Assert.Null(await again.EvaluationAsync("before"));
    }

    [Fact]
    public async Task Writing_twice_is_writing_once_and_the_first_stays()
    {
        await using SqliteLedger ledger = SqliteLedger.Open(LedgerPath);
        var key = new VerdictKey("j", "c", "a", "b");
        var first = new Verdict(Outcome.A, 0.9, 0.1, 0.8, []);

        await ledger.AddVerdictsAsync([new VerdictRow(key, first)]);
        await ledger.AddVerdictsAsync([new VerdictRow(key, first with { Outcome = Outcome.B })]);

        Assert.Equal(1, await ledger.VerdictCountAsync());
        Assert.Equal(Outcome.A, (await ledger.VerdictsAsync([key]))[key].Outcome);
    }

    [Fact]
    public async Task A_verdict_under_a_key_that_is_not_canonical_is_refused()
    {
        await using SqliteLedger ledger = SqliteLedger.Open(LedgerPath);

        await Assert.ThrowsAsync<ArgumentException>(() => ledger.AddVerdictsAsync([new VerdictRow(new VerdictKey("j", "c", "b", "a"), Verdict.OfInvalid("x"))]));
        Assert.Equal(0, await ledger.VerdictCountAsync());
    }

    [Fact]
    public async Task Rows_come_back_in_the_order_of_their_keys()
    {
        await using SqliteLedger ledger = SqliteLedger.Open(LedgerPath);
        await ledger.AddCompletionsAsync([.. from i in new[] { 3, 1, 2 } from c in new[] { 1, 0 } select new CompletionRow(new PromptKey(0, 1, i), "p", c, "x", 1, FinishReason.Stop, [1], [0], "")]);

        IReadOnlyList<CompletionRow> rows = await ledger.CompletionsAsync(0, 1, 1, 3);

        Assert.Equal([(1, 0), (1, 1), (2, 0), (2, 1)], rows.Select(r => (r.Key.Index, r.Candidate)));
    }

    [Fact]
    public void A_file_that_is_no_ledger_is_named()
    {
        File.WriteAllText(LedgerPath, new string('x', 5000));

        Assert.Contains(LedgerPath, Assert.Throws<InvalidDataException>(() => SqliteLedger.Open(LedgerPath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_read_without_being_written_to_while_another_works_on_it()
    {
        await using SqliteLedger writer = SqliteLedger.Open(LedgerPath);
        await writer.AddRunAsync(new RunRow("run", "name: x", "/data", 1, "hash", "0.1.0"));

        await using SqliteLedger reader = SqliteLedger.OpenToRead(LedgerPath);
        Assert.Empty(await reader.RoundsAsync());
        await writer.AddRoundAsync(new RoundRow(0, 0, "sft", "a", "b", new Dictionary<string, double>()));

        Assert.Equal("b", Assert.Single(await reader.RoundsAsync()).PolicyAfter);
        IOException error = await Assert.ThrowsAsync<IOException>(() => reader.AddRunAsync(new RunRow("other", "", "", 1, "", "")));
        Assert.Contains(LedgerPath, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Opening_to_read_makes_nothing()
    {
        Assert.Contains("there is no ledger", Assert.Throws<InvalidDataException>(() => SqliteLedger.OpenToRead(LedgerPath)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));

        File.WriteAllBytes(LedgerPath, []);
        Assert.Contains("the ledger is empty", Assert.Throws<InvalidDataException>(() => SqliteLedger.OpenToRead(LedgerPath)).Message, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(LedgerPath).Length);
    }

    [Fact]
    public void Some_other_file_is_refused_for_reading_too()
    {
        File.WriteAllText(LedgerPath, new string('x', 4096));

        Assert.Contains("not a readable ledger", Assert.Throws<InvalidDataException>(() => SqliteLedger.OpenToRead(LedgerPath)).Message, StringComparison.Ordinal);
    }
}
