using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Evaluation;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Embedded.Tests;

public sealed class EmbeddedRunTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public async Task The_same_seed_gives_the_same_pairs_and_the_same_weights_whatever_the_threads()
    {
        string one = await small.RunAsync("one", threads: 1), two = await small.RunAsync("two", threads: 2);

        Assert.Equal(one, two);
        string pairs = await small.PairsAsync("one");
        Assert.NotEmpty(pairs);
        Assert.Equal(pairs, await small.PairsAsync("two"));
    }

    [Fact]
    public async Task A_run_that_was_interrupted_again_and_again_ends_as_one_that_was_not()
    {
        string whole = await small.RunAsync("whole", threads: 2);
        int interruptions = 0;
        string? resumed = null;
        for (int allowed = 5; resumed is null; allowed += 3)
        {
            using var stop = new CancellationTokenSource();
            var budget = new Budget(allowed, stop);
            try
            {
                resumed = interruptions == 0
                    ? await small.RunAsync("parts", 2, budget, cancel: stop.Token)
                    : await small.ResumeAsync("parts", 1, budget, stop.Token);
            }
            catch (OperationCanceledException)
            {
                interruptions++;
            }
        }

        Assert.InRange(interruptions, 3, 50);
        Assert.Equal(whole, resumed);
        Assert.Equal(await small.PairsAsync("whole"), await small.PairsAsync("parts"));
    }

    [Fact]
    public async Task Every_round_is_recorded_with_what_it_was_like()
    {
        await small.RunAsync("run", threads: 2);
        await using EmbeddedRun run = await EmbeddedRun.OpenAsync(Path.Combine(small.Folder, "run"), "small-seed5", CancellationToken.None);

        IReadOnlyList<RoundRow> rounds = await run.Ledger.RoundsAsync();

        Assert.Equal([(-1, 0), (0, 0), (1, 1), (1, 2)], rounds.Select(r => (r.Stage, r.Round)));
        for (int i = 1; i < rounds.Count; i++)
        {
            Assert.Equal(rounds[i - 1].PolicyAfter, rounds[i].PolicyBefore);
            Assert.NotEqual(rounds[i].PolicyBefore, rounds[i].PolicyAfter);
            EvaluationRow? evaluation = await run.Ledger.EvaluationAsync(rounds[i].PolicyAfter);
            Assert.Equal(20, evaluation!.Metrics[EvaluationMetrics.Responses]);
            Assert.InRange(evaluation.Metrics[EvaluationMetrics.JudgeAccuracy], 0, 1);
        }

        Assert.Equal(70, rounds[2].Metrics[RoundMetrics.Prompts]);
        IReadOnlyList<PairSetRow> sets = await run.Ledger.PairSetsAsync(1, 1, 0, int.MaxValue);
        Assert.Equal(Enumerable.Range(0, 70), sets.Select(s => s.Key.Index));
        Assert.Equal(sets.Sum(s => s.Pairs.Count), rounds[2].Metrics[RoundMetrics.Pairs]);
        Assert.Equal(rounds[2].Metrics[RoundMetrics.Steps], (await run.Ledger.StepsAsync(1, 1)).Count);
    }

    [Fact]
    public async Task The_first_step_of_a_round_starts_from_the_reference()
    {
        await small.RunAsync("run", threads: 2);
        await using EmbeddedRun run = await EmbeddedRun.OpenAsync(Path.Combine(small.Folder, "run"), "small-seed5", CancellationToken.None);

        StepRow first = (await run.Ledger.StepsAsync(1, 1))[0];

        // The policy is the reference, so every reward is 0 to the bit: what the sampler recorded is what the trainer computes.
        Assert.Equal(0, first.Report.Metrics["rewards/margins"]);
        Assert.Equal(0, first.Report.Metrics["rewards/chosen"]);
        Assert.Equal(Math.Log(2), first.Report.Metrics["loss/preference"], 12);
    }

    [Fact]
    public async Task A_run_whose_data_changed_is_not_resumed()
    {
        await small.RunAsync("run", threads: 2);
        File.AppendAllText(Path.Combine(small.Folder, "prompts.jsonl"), "{\"prompt\": \"say more\"}\n");

        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => small.ResumeAsync("run", 2));

        Assert.Contains("changed since the run began", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_processes_do_not_work_on_one_run()
    {
        await small.RunAsync("run", threads: 2);
        await using EmbeddedRun run = await EmbeddedRun.OpenAsync(Path.Combine(small.Folder, "run"), "small-seed5", CancellationToken.None);

        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => small.ResumeAsync("run", 2));

        Assert.Contains("another process", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Candidates_can_be_rated_one_by_one_instead_of_playing()
    {
        const string judge = "\njudge:\n  kind: pointwise\n  judgements: 2\n  sampling: { max-new-tokens: 4 }\n  reward: { user: \"{prompt} {response}\" }\n";
        string recipe = SmallRun.Recipe
            .Replace("\njudge:\n", judge, StringComparison.Ordinal)
            .Replace("rule: all-decided", "rule: best-vs-worst-score", StringComparison.Ordinal)
            .Replace("heldout.jsonl, preferences: preferences.jsonl,", "heldout.jsonl,", StringComparison.Ordinal);
        await small.RunAsync("run", 2, recipe: recipe);
        await using EmbeddedRun run = await EmbeddedRun.OpenAsync(Path.Combine(small.Folder, "run"), "small-seed5", CancellationToken.None);

        IReadOnlyList<PairSetRow> sets = await run.Ledger.PairSetsAsync(1, 1, 0, int.MaxValue);

        Assert.Equal(70, sets.Count);
        Assert.All(sets, s => Assert.Equal((3, 0), (s.Scores.Count, s.Matches.Count)));
    }

    [Fact]
    public async Task A_rounds_figures_are_those_of_its_rows()
    {
        await small.RunAsync("run", threads: 2);
        await using EmbeddedRun run = await EmbeddedRun.OpenAsync(Path.Combine(small.Folder, "run"), "small-seed5", CancellationToken.None);
        IReadOnlyDictionary<string, double> metrics = (await run.Ledger.RoundsAsync()).Single(r => (r.Stage, r.Round) == (1, 2)).Metrics;
        IReadOnlyList<PairSetRow> sets = await run.Ledger.PairSetsAsync(1, 2, 0, int.MaxValue);
        ILookup<int, CompletionRow> candidates = (await run.Ledger.CompletionsAsync(1, 2, 0, int.MaxValue)).ToLookup(c => c.Key.Index);

        (PairRow Pair, CompletionRow[] Of)[] pairs = [.. sets.SelectMany(s => s.Pairs.Select(p => (p, candidates[s.Key.Index].ToArray())))];

        Assert.NotEmpty(pairs);
        Assert.Equal(pairs.Average(p => (double)p.Of[p.Pair.Chosen].Tokens.Length), metrics[RoundMetrics.ChosenLength], 12);
        Assert.Equal(pairs.Average(p => (double)p.Of[p.Pair.Rejected].Tokens.Length), metrics[RoundMetrics.RejectedLength], 12);
        Assert.Equal(pairs.Average(p => p.Pair.Margin), metrics[RoundMetrics.PairMargin], 12);
        Assert.Equal(candidates.SelectMany(c => c).Average(c => (double)c.Tokens.Length), metrics[RoundMetrics.CandidateLength], 12);
        MatchRow[] judged = [.. sets.SelectMany(s => s.Matches).Where(m => m.Key is not null)];
        Assert.Equal(judged.Length, metrics["judge/verdicts"]);
        Assert.Equal(judged.Count(m => m.Flipped), metrics["judge/flips"]);
        Assert.Equal(judged.Count(m => m.Outcome == Outcome.Invalid), metrics["judge/invalids"]);
    }

    [Fact]
    public async Task Training_goes_on_from_an_earlier_state_where_the_latest_is_damaged_and_says_so()
    {
        string whole = await small.RunAsync("whole", threads: 2);
        string[] files = await InterruptedAsync();
        Flip(files[1]);
        var heard = new Heard();

        Assert.Equal(whole, await small.ResumeAsync("parts", 2, heard));

        string note = Assert.Single(heard.Notes, text => text.Contains(Path.GetFileName(files[1]), StringComparison.Ordinal));
        Assert.EndsWith("training goes on from the state of step 7 instead", note, StringComparison.Ordinal);
        Assert.InRange(Directory.GetFiles(Path.GetDirectoryName(files[0])!).Length, 0, 2);
    }

    [Fact]
    public async Task A_damaged_state_without_an_older_one_ends_the_run_until_it_is_mended_or_deleted()
    {
        string whole = await small.RunAsync("whole", threads: 2);
        string[] files = await InterruptedAsync();
        foreach (string file in files) Flip(file);

        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => small.ResumeAsync("parts", 2));

        Assert.Contains(files[1], error.Message, StringComparison.Ordinal);
        Assert.Contains("delete it", error.Message, StringComparison.Ordinal);
        foreach (string file in files) File.Delete(file);
        Assert.Equal(whole, await small.ResumeAsync("parts", 2));
    }

    [Fact]
    public async Task The_losses_before_one_that_is_not_finite_are_kept_and_the_last_is_named()
    {
        string recipe = SmallRun.Recipe.Replace("batch: 8, learning-rate: 5e-3", "batch: 8, learning-rate: 5e-3, weight-decay: 1e9", StringComparison.Ordinal);

        ArithmeticException error = await Assert.ThrowsAsync<ArithmeticException>(() => small.RunAsync("run", 2, recipe: recipe));

        await using EmbeddedRun run = await EmbeddedRun.OpenAsync(Path.Combine(small.Folder, "run"), "small-seed5", CancellationToken.None);
        IReadOnlyList<StepRow> steps = await run.Ledger.StepsAsync(0, 0);
        Assert.NotEmpty(steps);
        Assert.Equal(Enumerable.Range(1, steps.Count), steps.Select(s => s.Step));
        Assert.All(steps, s => Assert.True(double.IsFinite(s.Report.Loss)));
        Assert.StartsWith($"stage 0, step {steps.Count + 1}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"the last finite loss was {steps[^1].Report.Loss:G6}, at step {steps.Count}.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Who_works_on_a_run_can_be_seen_from_outside()
    {
        string runs = Path.Combine(small.Folder, "run"), folder = Path.Combine(runs, "small-seed5");
        await using (await EmbeddedRun.CreateAsync(RecipeFile.Parse(SmallRun.Recipe, "recipe", small.Folder), 5, runs, "0.0.0", CancellationToken.None))
        {
            Assert.True(EmbeddedRun.IsBusy(folder));
        }

        Assert.False(EmbeddedRun.IsBusy(folder));
    }

    [Fact]
    public async Task A_run_is_discarded_only_before_its_first_step()
    {
        string runs = Path.Combine(small.Folder, "run");
        RecipeFile recipe = RecipeFile.Parse(SmallRun.Recipe, "recipe", small.Folder);
        await using (EmbeddedRun fresh = await EmbeddedRun.CreateAsync(recipe, 5, runs, "0.0.0", CancellationToken.None))
        {
            Assert.True(await fresh.DiscardIfUntouchedAsync());
        }

        Assert.Empty(Directory.GetFileSystemEntries(runs));
        await small.RunAsync("run", 2);
        await using EmbeddedRun begun = await EmbeddedRun.OpenAsync(runs, "small-seed5", CancellationToken.None);
        Assert.False(await begun.DiscardIfUntouchedAsync());
        Assert.True(Directory.Exists(begun.Folder));
    }

    [Fact]
    public async Task A_judge_that_cannot_be_asked_is_found_out_before_anything_is_trained()
    {
        string recipe = SmallRun.Recipe.Replace("decisions: [A, B]", "decisions: [apple, B]", StringComparison.Ordinal);

        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => small.RunAsync("run", 2, recipe: recipe));

        Assert.Contains("the decision \"apple\" is", error.Message, StringComparison.Ordinal);
        await using EmbeddedRun run = await EmbeddedRun.OpenAsync(Path.Combine(small.Folder, "run"), "small-seed5", CancellationToken.None);
        Assert.Empty(await run.Ledger.StepsAsync(0, 0));
    }

    /// <summary>Interrupts a run within its first stage, and returns its two trainer states, the older one first.</summary>
    private async Task<string[]> InterruptedAsync()
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAsync<OperationCanceledException>(() => small.RunAsync("parts", 2, new Budget(16, stop), cancel: stop.Token));
        string[] files = [.. Directory.GetFiles(Path.Combine(small.Folder, "parts", "small-seed5", "trainer"))
            .OrderBy(f => f.Length).ThenBy(f => f, StringComparer.Ordinal)];
        Assert.Equal(2, files.Length);
        return files;
    }

    private static void Flip(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^5] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    /// <summary>Keeps the notes.</summary>
    private sealed class Heard : IProgress<RunEvent>
    {
        public List<string> Notes { get; } = [];

        public void Report(RunEvent value)
        {
            if (value is RunEvent.Noted noted) Notes.Add(noted.Text);
        }
    }

    /// <summary>Cancels after a number of events.</summary>
    private sealed class Budget(int events, CancellationTokenSource stop) : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
            if (--events == 0) stop.Cancel();
        }
    }
}
