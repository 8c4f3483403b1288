using System.Text.Json.Nodes;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Models.Engines;
using OrleansAlign.Tests;

namespace OrleansAlign.Embedded.Tests;

/// <summary>Preference stages other than self-judging by a policy: given pairs, self-play, and rules that judge.</summary>
public sealed class PreferenceStagesTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Theory]
    [InlineData("dpo")]
    [InlineData("self-play")]
    [InlineData("rule")]
    [InlineData("rule-scores")]
    public async Task Interrupted_again_and_again_it_ends_as_one_that_was_not(string kind)
    {
        string recipe = SmallRecipe.Of(kind), whole = await small.RunAsync("whole", threads: 1, recipe: recipe);
        int interruptions = 0;
        string? resumed = null;
        for (int allowed = 2; resumed is null; allowed += 2)
        {
            using var stop = new CancellationTokenSource();
            var budget = new Budget(allowed, stop);
            try
            {
                resumed = interruptions == 0
                    ? await small.RunAsync("parts", 2, budget, recipe, cancel: stop.Token)
                    : await small.ResumeAsync("parts", 2, budget, stop.Token);
            }
            catch (OperationCanceledException)
            {
                interruptions++;
            }
        }

        Assert.InRange(interruptions, 2, 50);
        Assert.Equal(whole, resumed);
        Assert.NotEqual(await PolicyAsync("whole", stage: 0), whole);
    }

    [Fact]
    public async Task Given_pairs_are_completions_of_the_data_and_their_log_probs_are_the_references()
    {
        await small.RunAsync("run", threads: 1, recipe: SmallRecipe.Of("dpo"));
        await using EmbeddedRun run = await OpenAsync("run");

        IReadOnlyList<CompletionRow> rows = await run.Ledger.CompletionsAsync(1, 1, 0, 100);
        IReadOnlyList<PairSetRow> sets = await run.Ledger.PairSetsAsync(1, 1, 0, 100);

        Assert.Equal(48, rows.Count);
        Assert.All(rows, row => Assert.Equal((RoundPlan.DataPolicy, 0), (row.Policy, row.LogProbs.Length)));
        Assert.All(sets, set => Assert.Equal((0, 1), (Assert.Single(set.Pairs).Chosen, set.Pairs[0].Rejected)));
        Assert.All(sets, set => Assert.True(set.Pairs[0].ReferenceChosen < 0 && set.Pairs[0].ReferenceRejected < set.Pairs[0].ReferenceChosen + 50));
        Assert.Equal(0, await run.Ledger.VerdictCountAsync());
        RoundRow round = (await run.Ledger.RoundsAsync())[^1];
        Assert.Equal(("dpo", 24), (round.Kind, round.Metrics[RoundMetrics.Pairs]));
        string[] absent = [RoundMetrics.PairMargin, RoundMetrics.CandidateLength, RoundMetrics.Matches];
        Assert.All(absent, metric => Assert.False(round.Metrics.ContainsKey(metric), metric));
    }

    [Fact]
    public async Task The_opponent_of_self_play_is_the_policy_at_the_rounds_beginning_and_the_reference()
    {
        await small.RunAsync("run", threads: 1, recipe: SmallRecipe.Of("self-play"));
        await using EmbeddedRun run = await OpenAsync("run");
        IReadOnlyList<RoundRow> rounds = [.. (await run.Ledger.RoundsAsync()).Where(r => r.Stage == 1)];

        Assert.Equal(2, rounds.Count);
        foreach (RoundRow round in rounds)
        {
            IReadOnlyList<CompletionRow> rows = await run.Ledger.CompletionsAsync(1, round.Round, 0, 100);
            Assert.Equal(80, rows.Count);
            Assert.All(rows, row => Assert.Equal(row.Candidate == 0 ? RoundPlan.DataPolicy : round.PolicyBefore, row.Policy));
            foreach (PairSetRow set in await run.Ledger.PairSetsAsync(1, round.Round, 0, 100))
            {
                Assert.Equal(round.PolicyBefore, set.Reference);
                CompletionRow[] own = [.. rows.Where(row => row.Key == set.Key)];
                if (own[0].Text == own[1].Text) Assert.Empty(set.Pairs);
                else Assert.Equal((0, 1, own[1].LogProbs.Sum(p => (double)p)), (set.Pairs[0].Chosen, set.Pairs[0].Rejected, set.Pairs[0].ReferenceRejected));
            }
        }

        Assert.NotEqual(rounds[0].PolicyBefore, rounds[1].PolicyBefore);
    }

    /// <summary>SPIN, arXiv:2401.01335, eq. 4.7 with ℓ(t) = log(1 + e⁻ᵗ): DPO's loss whose rejected answers the opponent gave.</summary>
    [Fact]
    public async Task Self_play_with_lambda_is_dpo_with_beta_on_the_same_pairs_to_the_last_bit()
    {
        const string Steps = "epochs: 2, batch: 4, accumulation: 1, learning-rate: 1e-3 }",
            SelfPlay = "  - self-play: { demonstrations: given.jsonl, lambda: 0.3, sampling: { temperature: 0, max-new-tokens: 32 }, " + Steps,
            Dpo = "  - dpo: { preferences: answered.jsonl, loss: { kind: sigmoid, beta: 0.3 }, " + Steps;
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(small.Folder, "demonstrations.jsonl"));
        JsonObject[] demonstrations = [.. lines.Select(line => JsonNode.Parse(line)!.AsObject())];
        foreach ((int i, JsonObject demonstration) in demonstrations.Index()) demonstration["id"] = $"d{i}";

        // A greedy answer depends on its prompt alone: the answers to all demonstrations show which of them make a pair.
        IReadOnlyDictionary<string, string> answers = await PlayAsync("all", demonstrations);
        demonstrations = [.. demonstrations.Where(d => answers.TryGetValue((string)d["id"]!, out string? answer) && answer != (string?)d["completion"])];
        answers = await PlayAsync("self-play", demonstrations);
        Assert.InRange(demonstrations.Length, 8, 60);
        await WriteAsync("answered.jsonl", demonstrations.Select(d => new JsonObject
        {
            ["prompt"] = (string?)d["prompt"], ["chosen"] = (string?)d["completion"], ["rejected"] = answers[(string)d["id"]!],
        }));

        string trained = await small.RunAsync("dpo", threads: 2, recipe: SmallRecipe.With(Dpo));

        Assert.Equal(await PolicyAsync("self-play", stage: 1), trained);
        Assert.NotEqual(await PolicyAsync("self-play", stage: 0), trained);

        async Task<IReadOnlyDictionary<string, string>> PlayAsync(string runs, IEnumerable<JsonObject> given)
        {
            await WriteAsync("given.jsonl", given);
            await small.RunAsync(runs, threads: 1, recipe: SmallRecipe.With(SelfPlay));
            await using EmbeddedRun run = await OpenAsync(runs);
            IReadOnlyList<CompletionRow> rows = await run.Ledger.CompletionsAsync(1, 1, 0, 100);
            return rows.Where(r => r.Candidate == 1 && r.Finish == FinishReason.Stop && r.Text.Length > 0).ToDictionary(r => r.PromptId, r => r.Text);
        }

        Task WriteAsync(string name, IEnumerable<JsonObject> rows) =>
            File.WriteAllLinesAsync(Path.Combine(small.Folder, name), rows.Select(row => row.ToJsonString()));
    }

    [Fact]
    public async Task A_rule_decides_by_the_prompts_checks()
    {
        await small.RunAsync("run", threads: 1, recipe: SmallRecipe.Of("rule-scores"));
        await using EmbeddedRun run = await OpenAsync("run");
        IReadOnlyList<PairSetRow> sets = await run.Ledger.PairSetsAsync(1, 1, 0, 100);

        Assert.Contains(sets, set => set.Pairs.Count == 1);
        foreach (PairSetRow set in sets)
        {
            Assert.All(set.Scores, score => Assert.True(score is 0 or 1));
            if (set.Pairs.Count > 0) Assert.Equal((1, 0), (set.Scores[set.Pairs[0].Chosen], set.Scores[set.Pairs[0].Rejected]));
        }
    }

    [Fact]
    public async Task What_is_counted_is_what_the_ledger_has_and_gauges_go_with_the_run()
    {
        using AlignMetrics metrics = new(TimeProvider.System);
        using MeterRecorder recorder = new(metrics.Meter);
        Dictionary<string, double> last = [];
        await small.RunAsync("run", threads: 1, new Looking(() => last = recorder.Look()), metrics: metrics);
        await using EmbeddedRun run = await OpenAsync("run");
        List<PairSetRow> sets = [.. await run.Ledger.PairSetsAsync(1, 1, 0, 100), .. await run.Ledger.PairSetsAsync(1, 2, 0, 100)];

        Assert.Equal(await run.Ledger.VerdictCountAsync(), recorder.Total(AlignSeries.Verdicts.Name));
        Assert.Equal(
            (sets.Count, sets.Sum(s => s.Pairs.Count), sets.Sum(s => s.Matches.Count)),
            (recorder[AlignSeries.Prompts.Name], recorder[AlignSeries.Pairs.Name], recorder[AlignSeries.Matches.Name]));
        Assert.Equal(sets.Count * 3, recorder[AlignSeries.Completions.Name]);
        Assert.True(recorder[AlignSeries.Steps.Name] > 30 && recorder[AlignSeries.TrainDuration.Name] >= recorder[AlignSeries.Steps.Name]);
        Assert.True(recorder[AlignSeries.JudgeCalls.Name] > recorder.Total(AlignSeries.Verdicts.Name));
        Assert.Equal(2, last[$"{AlignSeries.Round.Name}{{small-seed5}}"]);
        Assert.True(last.ContainsKey($"{AlignSeries.Loss.Name}{{small-seed5}}"));
        Assert.DoesNotContain(recorder.Look().Keys, series => series.Contains("small-seed5", StringComparison.Ordinal));
    }

    private Task<EmbeddedRun> OpenAsync(string runs) => EmbeddedRun.OpenAsync(Path.Combine(small.Folder, runs), "small-seed5", CancellationToken.None);

    private async Task<string> PolicyAsync(string runs, int stage)
    {
        await using EmbeddedRun run = await OpenAsync(runs);
        return (await run.Ledger.RoundsAsync()).Last(r => r.Stage == stage).PolicyAfter;
    }

    /// <summary>Cancels after so many events.</summary>
    private sealed class Budget(int allowed, CancellationTokenSource stop) : IProgress<RunEvent>
    {
        private int seen;

        public void Report(RunEvent value)
        {
            if (value is RunEvent.Advanced && Interlocked.Increment(ref seen) == allowed) stop.Cancel();
        }
    }

    private sealed class Looking(Action look) : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
            if (value is RunEvent.Ended) look();
        }
    }
}
