using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Ledgers.Tests;

/// <summary>The tests that every kind of ledger must pass.</summary>
public abstract class LedgerConformance
{
    /// <summary>Opens the test's ledger of run <c>run</c>. Every call opens the same ledger, as a restarted process would.</summary>
    protected abstract Task<IRunLedger> OpenAsync();

    [LedgerFact]
    public async Task What_was_written_is_read_by_the_next_process_to_the_bit()
    {
        var completion = new CompletionRow(
            new PromptKey(1, 2, 3), "p3", 4, "policy", ulong.MaxValue, FinishReason.Length,
            [1, 2, 65_000], [-0.1f, float.MinValue, -float.Epsilon], "text, with \"é\" and \0");
        var verdict = new VerdictRow(
            new VerdictKey("judge", "context", "a", "b"),
            new Verdict(Outcome.Tie, 1.0 / 3, 0.1 + 0.2, -0.25, [new PrincipleReading("overall", new OrderReading(0.1, 0.7), new OrderReading(1e-300, 0.3))])
            {
                Flipped = true,
            });
        var invalid = new VerdictRow(new VerdictKey("judge", "context", "a", "c"), Verdict.OfInvalid("too long"));
        var pairs = new PairSetRow(
            new PromptKey(1, 2, 3), "p3", "[]", [7, 8], "reference",
            [new MatchRow("main-1-0", 0, 1, Outcome.B, -0.5, true, verdict.Key), new MatchRow("main-1-1", 2, 3, Outcome.Tie, 0, false, null)],
            [1.5, null], [new PairRow(1, 0, 0.5, -12.25, -13.0 / 7)]);
        var step = new StepRow(1, 2, 1, 1e-4, new StepReport(0.1 + 0.2, 3, 99, new Dictionary<string, double> { ["rewards/margins"] = -1.0 / 3 }));
        var round = new RoundRow(1, 2, "self-judge", "before", "after", new Dictionary<string, double> { ["loss"] = double.NaN });
        var evaluation = new EvaluationRow("after", new Dictionary<string, double> { ["pass_rate"] = 0.4 }, [new EvaluationSample("q", "r", true)]);
        DataFileHash[] files = [new("prompts.jsonl", new string('a', 64)), new("../é.jsonl", new string('b', 64))];
        await using (IRunLedger ledger = await OpenAsync())
        {
            await ledger.AddRunAsync(new RunRow("run", "name: x", "/data", ulong.MaxValue, "hash", "0.1.0") { DataFiles = files, RecipePath = "/data/é.yaml" });
            await ledger.AddCompletionsAsync([completion]);
            await ledger.AddVerdictsAsync([verdict, invalid]);
            await ledger.AddRatingsAsync(
            [
                new RatingRow(new RatingKey("r", "c", "x"), new Rating.Scored(0.1 + 0.2)),
                new RatingRow(new RatingKey("r", "c", "y"), new Rating.Unparsable("why")),
            ]);
            await ledger.AddPairSetsAsync([pairs]);
            await ledger.AddStepsAsync([step]);
            await ledger.AddTrainerCheckpointAsync(new TrainerCheckpointRow(1, 2, 100, "old"));
            await ledger.AddTrainerCheckpointAsync(new TrainerCheckpointRow(1, 2, 200, "new"));
            await ledger.AddRoundAsync(round);
            await ledger.AddEvaluationAsync(evaluation);
        }

        await using IRunLedger again = await OpenAsync();

        RunRow run = (await again.RunAsync())!;
        Assert.Equal(files, run.DataFiles);
        Assert.Equal(new RunRow("run", "name: x", "/data", ulong.MaxValue, "hash", "0.1.0") { RecipePath = "/data/é.yaml" }, run with { DataFiles = [] });
        CompletionRow read = Assert.Single(await again.CompletionsAsync(1, 2, 3, 4));
        Assert.Equal(completion.Tokens, read.Tokens);
        Assert.Equal(completion.LogProbs, read.LogProbs);
        Assert.Equal(completion with { Tokens = read.Tokens, LogProbs = read.LogProbs }, read);
        IReadOnlyDictionary<VerdictKey, Verdict> verdicts = await again.VerdictsAsync([verdict.Key, invalid.Key, new VerdictKey("x", "y", "a", "b")]);
        Assert.Equal(2, verdicts.Count);
        Assert.Equal(verdict.Verdict, verdicts[verdict.Key]);
        Assert.Equal("too long", verdicts[invalid.Key].Reason);
        IReadOnlyDictionary<RatingKey, Rating> ratings = await again.RatingsAsync([.. "xyz".Select(c => new RatingKey("r", "c", $"{c}"))]);
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

    [LedgerFact]
    public async Task Writing_twice_is_writing_once_and_the_first_stays()
    {
        await using IRunLedger ledger = await OpenAsync();
        var key = new VerdictKey("j", "c", "a", "b");
        var first = new Verdict(Outcome.A, 0.9, 0.1, 0.8, []);

        await ledger.AddVerdictsAsync([new VerdictRow(key, first)]);
        await ledger.AddVerdictsAsync([new VerdictRow(key, first with { Outcome = Outcome.B })]);

        Assert.Equal(1, await ledger.VerdictCountAsync());
        Assert.Equal(Outcome.A, (await ledger.VerdictsAsync([key]))[key].Outcome);
    }

    [LedgerFact]
    public async Task A_verdict_under_a_key_that_is_not_canonical_is_refused()
    {
        await using IRunLedger ledger = await OpenAsync();

        var swapped = new VerdictRow(new VerdictKey("j", "c", "b", "a"), Verdict.OfInvalid("x"));
        await Assert.ThrowsAsync<ArgumentException>(() => ledger.AddVerdictsAsync([swapped]));
        Assert.Equal(0, await ledger.VerdictCountAsync());
    }

    [LedgerFact]
    public async Task Rows_come_back_in_the_order_of_their_keys()
    {
        await using IRunLedger ledger = await OpenAsync();
        await ledger.AddCompletionsAsync(
        [
            .. from i in new[] { 3, 1, 2 }
               from c in new[] { 1, 0 }
               select new CompletionRow(new PromptKey(0, 1, i), "p", c, "x", 1, FinishReason.Stop, [1], [0], ""),
        ]);

        IReadOnlyList<CompletionRow> rows = await ledger.CompletionsAsync(0, 1, 1, 3);

        Assert.Equal([(1, 0), (1, 1), (2, 0), (2, 1)], rows.Select(r => (r.Key.Index, r.Candidate)));
        Assert.Equal([(1, 0), (1, 1), (3, 0), (3, 1)], (await ledger.CompletionsAsync(0, 1, [3, 1, 7, 3])).Select(r => (r.Key.Index, r.Candidate)));
        await ledger.AddPairSetsAsync([.. new[] { 3, 1, 2 }.Select(i => new PairSetRow(new PromptKey(0, 1, i), "p", "", [1], "x", [], [], []))]);
        Assert.Equal([1, 3], (await ledger.PairSetsAsync(0, 1, [3, 1, 7, 3])).Select(r => r.Key.Index));
        Assert.Empty(await ledger.CompletionsAsync(0, 2, [1]));
        Assert.Empty(await ledger.CompletionsAsync(0, 1, []));
    }

    [LedgerFact]
    public async Task Counts_are_of_one_round()
    {
        await using IRunLedger ledger = await OpenAsync();
        await ledger.AddCompletionsAsync([.. Enumerable.Range(0, 5).Select(i => Completion(i, "x")), Completion(0, "y") with { Key = new PromptKey(0, 2, 0) }]);
        await ledger.AddPairSetsAsync([.. Enumerable.Range(0, 3).Select(i => new PairSetRow(new PromptKey(0, 1, i), "p", "", [1], "x", [], [], []))]);
        var report = new StepReport(1, 1, 1, new Dictionary<string, double>());
        await ledger.AddStepsAsync([new StepRow(0, 1, 1, 0.1, report), new StepRow(1, 1, 1, 0.1, report)]);

        Assert.Equal(new RoundCounts(5, 3, 1), await ledger.CountsAsync(0, 1));
        Assert.Equal(new RoundCounts(1, 0, 0), await ledger.CountsAsync(0, 2));
        Assert.Equal(new RoundCounts(0, 0, 0), await ledger.CountsAsync(2, 1));
    }

    [LedgerFact]
    public async Task An_empty_ledger_has_nothing()
    {
        await using IRunLedger ledger = await OpenAsync();

        Assert.Null(await ledger.RunAsync());
        Assert.Empty(await ledger.CompletionsAsync(0, 1, 0, int.MaxValue));
        Assert.Empty(await ledger.VerdictsAsync([new VerdictKey("j", "c", "a", "b")]));
        Assert.Empty(await ledger.VerdictsAsync([]));
        Assert.Empty(await ledger.RatingsAsync([]));
        Assert.Equal(0, await ledger.VerdictCountAsync());
        Assert.Empty(await ledger.PairSetsAsync(0, 1, 0, int.MaxValue));
        Assert.Empty(await ledger.StepsAsync(0, 1));
        Assert.Empty(await ledger.TrainerCheckpointsAsync(0, 1));
        Assert.Empty(await ledger.RoundsAsync());
        Assert.Null(await ledger.EvaluationAsync("policy"));
    }

    [LedgerFact]
    public async Task Of_two_rows_of_one_key_in_one_call_the_first_stays()
    {
        await using IRunLedger ledger = await OpenAsync();

        await ledger.AddTrainerCheckpointAsync(new TrainerCheckpointRow(0, 1, 2, "first"));
        await ledger.AddTrainerCheckpointAsync(new TrainerCheckpointRow(0, 1, 2, "second"));
        await ledger.AddCompletionsAsync([.. "abc".Select(text => Completion(0, $"{text}"))]);
        await ledger.AddCompletionsAsync([]);

        Assert.Equal("first", Assert.Single(await ledger.TrainerCheckpointsAsync(0, 1)).File);
        Assert.Equal("a", Assert.Single(await ledger.CompletionsAsync(0, 1, 0, 10)).Text);
    }

    [LedgerFact]
    public async Task Thousands_of_rows_in_one_call_are_all_there()
    {
        await using IRunLedger ledger = await OpenAsync();
        VerdictRow[] rows =
            [.. Enumerable.Range(0, 10_000).Select(i => new VerdictRow(new VerdictKey("j", $"c{i}", "a", "b"), new Verdict(Outcome.A, i, 0, 1, [])))];

        await ledger.AddVerdictsAsync(rows);

        IReadOnlyDictionary<VerdictKey, Verdict> found = await ledger.VerdictsAsync([.. rows.Select(r => r.Key), new VerdictKey("j", "c", "a", "b")]);
        Assert.Equal(rows.Length, found.Count);
        Assert.All(rows, row => Assert.Equal(row.Verdict.A, found[row.Key].A));
    }

    [LedgerFact]
    public async Task Figures_that_are_no_numbers_come_back()
    {
        await using IRunLedger ledger = await OpenAsync();
        var metrics = new Dictionary<string, double>
        {
            ["nan"] = double.NaN, ["up"] = double.PositiveInfinity, ["down"] = double.NegativeInfinity, ["zero"] = -0.0, ["least"] = double.Epsilon,
        };

        await ledger.AddRoundAsync(new RoundRow(0, 1, "dpo", "a", "b", metrics));
        await ledger.AddStepsAsync([new StepRow(0, 1, 1, 0.1, new StepReport(double.NaN, 0, 0, metrics))]);
        await ledger.AddEvaluationAsync(new EvaluationRow("b", metrics, []));

        StepReport report = Assert.Single(await ledger.StepsAsync(0, 1)).Report;
        Assert.True(double.IsNaN(report.Loss));
        IReadOnlyDictionary<string, double> ofRound = Assert.Single(await ledger.RoundsAsync()).Metrics;
        foreach (IReadOnlyDictionary<string, double> read in new[] { ofRound, report.Metrics, (await ledger.EvaluationAsync("b"))!.Metrics })
        {
            Assert.Equal(
                metrics.Select(m => (m.Key, BitConverter.DoubleToInt64Bits(m.Value))).Order(),
                read.Select(m => (m.Key, BitConverter.DoubleToInt64Bits(m.Value))).Order());
        }
    }

    [LedgerFact]
    public async Task Text_that_no_keyboard_makes_comes_back()
    {
        const string text = "\0 nul, \u0010 escape, \u00100000, \u001a, \ufeff, 🙂, e\u0301, \r\n, ' \" \\ % {} \uffff";
        await using IRunLedger ledger = await OpenAsync();
        var match = new MatchRow(text, 0, 1, Outcome.A, 1, false, new VerdictKey(text, "", "a", "b"));
        var message = new PairSetRow(new PromptKey(0, 1, 0), text, text, [], text, [match], [], []);

        await ledger.AddCompletionsAsync([Completion(0, text) with { PromptId = text, Policy = text }]);
        await ledger.AddVerdictsAsync([new VerdictRow(new VerdictKey(text, text, text, text), Verdict.OfInvalid(text))]);
        await ledger.AddRatingsAsync([new RatingRow(new RatingKey(text, text, text), new Rating.Unparsable(text))]);
        await ledger.AddPairSetsAsync([message]);
        await ledger.AddEvaluationAsync(new EvaluationRow(text, new Dictionary<string, double>(), [new EvaluationSample(text, text, false)]));

        CompletionRow completion = Assert.Single(await ledger.CompletionsAsync(0, 1, 0, 1));
        Assert.Equal([text, text, text], [completion.Text, completion.PromptId, completion.Policy]);
        Assert.Equal(text, Assert.Single(await ledger.VerdictsAsync([new VerdictKey(text, text, text, text)])).Value.Reason);
        Assert.Equal(new Rating.Unparsable(text), Assert.Single(await ledger.RatingsAsync([new RatingKey(text, text, text)])).Value);
        PairSetRow pairs = Assert.Single(await ledger.PairSetsAsync(0, 1, 0, 1));
        Assert.Equal([text, text, text], [pairs.PromptId, pairs.Messages, pairs.Reference]);
        Assert.Equal(message.Matches, pairs.Matches);
        Assert.Equal([new EvaluationSample(text, text, false)], (await ledger.EvaluationAsync(text))!.Samples);
    }

    [LedgerFact]
    public async Task A_call_that_is_cancelled_before_it_begins_does_nothing()
    {
        await using IRunLedger ledger = await OpenAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        var round = new RoundRow(0, 0, "sft", "a", "b", new Dictionary<string, double>());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ledger.AddRoundAsync(round, cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ledger.RoundsAsync(cancelled.Token));

        Assert.Empty(await ledger.RoundsAsync());
    }

    [LedgerFact]
    public async Task Adding_rows_returns_those_that_are_new()
    {
        await using IRunLedger ledger = await OpenAsync();
        CompletionRow[] rows = [.. Enumerable.Range(0, 4).Select(i => Completion(i, $"{i}"))];
        VerdictRow[] verdicts = [.. "abc".Select(b => new VerdictRow(new VerdictKey("j", "\0", $"{b}", "d"), Verdict.OfInvalid("x")))];
        PairSetRow[] sets = [.. Enumerable.Range(0, 3).Select(i => new PairSetRow(new PromptKey(0, 1, i), "p", "", [1], "x", [], [], []))];
        StepRow[] steps = [.. Enumerable.Range(0, 3).Select(i => new StepRow(0, 1, i, 0.1, new StepReport(1, 1, 1, new Dictionary<string, double>())))];

        Assert.Equal([rows[2], rows[0]], await ledger.AddCompletionsAsync([rows[2], rows[0]]));
        Assert.Equal([rows[3], rows[1]], await ledger.AddCompletionsAsync([rows[3], rows[2], rows[1], rows[0], rows[1] with { Text = "again" }]));
        Assert.Empty(await ledger.AddCompletionsAsync(rows));
        Assert.Equal(verdicts[..2], await ledger.AddVerdictsAsync(verdicts[..2]));
        Assert.Equal(verdicts[2..], await ledger.AddVerdictsAsync(verdicts));
        Assert.Equal(sets[..2], await ledger.AddPairSetsAsync(sets[..2]));
        Assert.Equal(sets[2..], await ledger.AddPairSetsAsync(sets));
        Assert.Equal(steps[1..], await ledger.AddStepsAsync(steps[1..]));
        Assert.Equal(steps[..1], await ledger.AddStepsAsync(steps));
        Assert.Equal(["0", "1", "2", "3"], (await ledger.CompletionsAsync(0, 1, 0, 4)).Select(r => r.Text));
    }

    [LedgerFact]
    public async Task Many_writers_of_the_same_keys_leave_one_row_each()
    {
        await using IRunLedger ledger = await OpenAsync();
        CompletionRow[] rows = [.. Enumerable.Range(0, 40).Select(i => Completion(i, $"{i}"))];

        CompletionRow[][] added = await Task.WhenAll(Enumerable.Range(0, 32).Select(writer => Task.Run(async () =>
        {
            // Writers begin at different rows and go in different directions, so that they add the same rows at the same time.
            List<CompletionRow> own = [];
            IEnumerable<CompletionRow> order = (writer % 2 == 0 ? rows : rows.Reverse()).Skip(writer).Concat(rows.Take(writer));
            foreach (CompletionRow[] some in order.Chunk(5)) own.AddRange(await ledger.AddCompletionsAsync(some));
            return own.ToArray();
        })));

        Assert.Equal(rows.Select(r => r.Key), added.SelectMany(own => own).Select(r => r.Key).OrderBy(k => k.Index));

        Assert.Equal(rows.Select(r => (r.Key, r.Text)), (await ledger.CompletionsAsync(0, 1, 0, int.MaxValue)).Select(r => (r.Key, r.Text)));
    }

    private static CompletionRow Completion(int index, string text) => new(new PromptKey(0, 1, index), "p", 0, "x", 1, FinishReason.Stop, [1], [0], text);
}
