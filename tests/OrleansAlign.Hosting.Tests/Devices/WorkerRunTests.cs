using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Hosting.Devices;
using OrleansAlign.Hosting.Embedded;
using OrleansAlign.Hosting.Ledger;
using OrleansAlign.Hosting.Policies;
using OrleansAlign.Hosting.Tests.Embedded;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Tests;

namespace OrleansAlign.Hosting.Tests.Devices;

/// <summary>A whole run over a device's worker, with everything metered.</summary>
public sealed class WorkerRunTests : IDisposable
{
    private const string Run = "run";

    private readonly SmallRun small = new();
    private readonly AlignMetrics metrics = new(TimeProvider.System);
    private readonly MeterRecorder recorder;

    public WorkerRunTests() => recorder = new MeterRecorder(metrics.Meter);

    public void Dispose()
    {
        recorder.Dispose();
        metrics.Dispose();
        small.Dispose();
    }

    [Fact]
    public async Task Its_pairs_and_weights_are_those_of_a_run_without()
    {
        string embedded = await small.RunAsync("embedded", threads: 2);
        await using SqliteLedger ledger = SqliteLedger.Open(Path.Combine(small.Folder, "ledger.db"));

        Assert.Equal(embedded, await ExecuteAsync(ledger, CancellationToken.None));

        await using EmbeddedRun other = await EmbeddedRun.OpenAsync(Path.Combine(small.Folder, "embedded"), "small-seed5", CancellationToken.None);
        Assert.Equal(await PairsOf(other.Ledger), await PairsOf(ledger));
    }

    [Fact]
    public async Task After_crashes_too_the_counters_are_the_ledgers_counts()
    {
        await using SqliteLedger ledger = SqliteLedger.Open(Path.Combine(small.Folder, "ledger.db"));
        int crashes = 0;
        for (int events = 12; ; events += 2)
        {
            try
            {
                await ExecuteAsync(ledger, CancellationToken.None, new Crashing(events));
                break;
            }
            catch (CrashException)
            {
                crashes++;
            }
        }

        Assert.InRange(crashes, 2, 50);
        CompletionRow[] completions = [.. await ledger.CompletionsAsync(1, 1, 0, int.MaxValue), .. await ledger.CompletionsAsync(1, 2, 0, int.MaxValue)];
        PairSetRow[] sets = [.. await ledger.PairSetsAsync(1, 1, 0, int.MaxValue), .. await ledger.PairSetsAsync(1, 2, 0, int.MaxValue)];
        StepRow[] steps = [.. await ledger.StepsAsync(0, 0), .. await ledger.StepsAsync(1, 1), .. await ledger.StepsAsync(1, 2)];
        Verdict[] verdicts = [.. (await ledger.VerdictsAsync(KeysOf(sets))).Values];
        Assert.NotEmpty(verdicts);

        Assert.Equal(completions.Length, recorder["align.completions"]);
        Assert.Equal(completions.Sum(c => c.Tokens.Length), recorder["align.tokens.generated"]);
        Assert.Equal(await ledger.VerdictCountAsync(), recorder.Total("align.verdicts"));
        Assert.Equal(verdicts.Count(v => v.Outcome == Outcome.A), recorder["align.verdicts{a}"]);
        Assert.Equal(verdicts.Count(v => v.Outcome == Outcome.B), recorder["align.verdicts{b}"]);
        Assert.Equal(verdicts.Count(v => v.Outcome == Outcome.Tie), recorder["align.verdicts{tie}"]);
        Assert.Equal(verdicts.Count(v => v.Outcome == Outcome.Invalid), recorder["align.verdicts{invalid}"]);
        Assert.Equal(verdicts.Count(v => v.Flipped), recorder["align.verdicts.flipped"]);
        Assert.Equal(sets.Length, recorder["align.prompts"]);
        Assert.Equal(sets.Sum(s => s.Matches.Count), recorder["align.matches"]);
        Assert.Equal(sets.Sum(s => s.Pairs.Count), recorder["align.pairs"]);
        Assert.Equal(steps.Length, recorder["align.steps"]);
        Assert.Equal(steps.Sum(s => s.Report.Tokens), recorder["align.tokens.trained"]);

        // Work that an interruption made vain shows in the durations.
        Assert.InRange(recorder["align.train.duration"], steps.Length + 1, double.MaxValue);
        Assert.InRange(recorder["align.judge.calls"], verdicts.Length + 1, double.MaxValue);

        double[] before = Counters();
        var again = new MeteredLedger(ledger, metrics, Run);
        await again.AddCompletionsAsync([.. completions, .. completions]);
        await again.AddPairSetsAsync(sets);
        await again.AddStepsAsync(steps);
        await again.AddVerdictsAsync([.. (await ledger.VerdictsAsync(KeysOf(sets))).Select(v => new VerdictRow(v.Key, v.Value))]);
        Assert.Equal(before, Counters());
    }

    [Fact]
    public async Task Its_gauges_are_the_last_rows_of_the_ledger()
    {
        await using SqliteLedger ledger = SqliteLedger.Open(Path.Combine(small.Folder, "ledger.db"));
        string policy = await ExecuteAsync(ledger, CancellationToken.None);

        Dictionary<string, double> shown = recorder.Look();

        StepRow last = (await ledger.StepsAsync(1, 2))[^1];
        IReadOnlyDictionary<string, double> round = (await ledger.RoundsAsync())[^1].Metrics;
        Assert.Equal(last.Report.Loss, shown["align.loss{run}"]);
        Assert.Equal(last.LearningRate, shown["align.learning.rate{run}"]);
        Assert.Equal(last.Report.Metrics["rewards/margins"], shown["align.rewards.margin{run}"]);
        Assert.Equal(round[RoundMetrics.FlipRate], shown["align.judge.flip.rate{run}"]);
        Assert.Equal((await ledger.EvaluationAsync(policy))!.Metrics["pass_rate"], shown["align.win.rate{run}"]);
        Assert.Equal(2, shown["align.round{run}"]);
    }

    private double[] Counters() => [.. AlignSeries.All.Where(s => s.Kind == MetricKind.Counter).Select(s => recorder.Total(s.Name))];

    private static VerdictKey[] KeysOf(PairSetRow[] sets) =>
        [.. sets.SelectMany(s => s.Matches).Where(m => m.Key is not null).Select(m => m.Key!.Value.ToCanonical()).Distinct()];

    private async Task<string> ExecuteAsync(IRunLedger inner, CancellationToken cancel, IProgress<RunEvent>? watcher = null)
    {
        RecipeFile recipe = RecipeFile.Parse(SmallRun.Recipe, "recipe", small.Folder);
        var store = new FilePolicyStore(Path.Combine(small.Folder, "policies"));
        var seeds = new RunSeeds(5);
        IProgress<RunEvent> progress = watcher ?? new Crashing(int.MaxValue);
        var ledger = new MeteredLedger(inner, metrics, Run);
        string policy = await FirstPolicy.EnsureAsync(ledger, store, recipe, 5, Path.Combine(small.Folder, "tokenizer"), progress, CancellationToken.None);
        string folder = store.Folder(policy);
        var encoder = new ConversationEncoder(folder, ModelConfigFile.Read(Path.Combine(folder, ModelConfigFile.FileName)));
        var stages = new PreparedStages(new StageContext(recipe, seeds, encoder));

        await using var worker = new DeviceWorker(
            "slot", new DevicePolicies(store, EngineCatalog.Managed, "cpu", threads: 2), new DeviceOptions { BatchWindow = TimeSpan.Zero }, TimeProvider.System, metrics);
        using IDisposable watch = metrics.Watch("slot", worker);
        await using var trainer = new WorkerTrainer(
            worker, new MeteredTrainer(new EngineTrainer(store, Path.Combine(small.Folder, "states"), EngineCatalog.Managed, EngineChoice.Managed(2)), metrics, Run));
        var generator = new WorkerGenerator(worker, EngineKind.Managed);
        var services = new RunServices(
            ledger, new BatchedPlayer(ledger, generator, JudgeOf, new WorkerScorer(worker, EngineKind.Managed), encoder, progress),
            new LocalRoundTrainer(stages, new TrainingServices(ledger, trainer, progress)), generator, JudgeOf, encoder, progress);
        return await new RunExecutor(recipe, seeds, stages, services).ExecuteAsync(policy, cancel);

        IJudge JudgeOf(string hash) => new WorkerJudge(worker, new DeviceJudge(EngineKind.Managed, hash, recipe.Recipe.Judge, 5));
    }

    private static async Task<string> PairsOf(IRunLedger ledger)
    {
        PairSetRow[] sets = [.. await ledger.PairSetsAsync(1, 1, 0, int.MaxValue), .. await ledger.PairSetsAsync(1, 2, 0, int.MaxValue)];
        Assert.NotEmpty(sets.SelectMany(s => s.Pairs));
        return string.Join('\n', sets.Select(s => $"{s.Key} {string.Join(' ', s.Pairs)} {string.Join(' ', s.Matches)}"));
    }

    /// <summary>Ends a run as a crash would, without a chance to save anything, after a number of events.</summary>
    private sealed class Crashing(int events) : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
            if (--events == 0) throw new CrashException();
        }
    }

    private sealed class CrashException : Exception;
}
