using OrleansAlign.Core.Evaluation;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Runs;

namespace OrleansAlign.Core.Telemetry;

/// <summary>A run's ledger that counts what is committed through it for the first time, so that counters agree with its rows.</summary>
/// <remarks>
/// A row that is there already is not counted: each commit first asks which keys are known. Made anew whenever a run is taken up, since it remembers which steps it knows.
/// Where two callers commit the same key at the same moment, both count it.
/// </remarks>
public sealed class MeteredLedger(IRunLedger inner, AlignMetrics metrics, string run) : IRunLedger
{
    private readonly SemaphoreSlim stepGate = new(1);
    private (int Stage, int Round)? stepsOf;
    private Tuple<int, int>? drawnFor;
    private HashSet<int> steps = [];

    /// <inheritdoc/>
    public async Task AddCompletionsAsync(IReadOnlyList<CompletionRow> rows, CancellationToken cancel = default)
    {
        HashSet<(PromptKey, int)> known = [];
        foreach ((int stage, int round, int from, int to) in Ranges(rows.Select(r => r.Key)))
        {
            known.UnionWith((await inner.CompletionsAsync(stage, round, from, to, cancel).ConfigureAwait(false)).Select(r => (r.Key, r.Candidate)));
        }

        await inner.AddCompletionsAsync(rows, cancel).ConfigureAwait(false);
        foreach (CompletionRow row in rows.Where(r => known.Add((r.Key, r.Candidate))))
        {
            metrics.Add(AlignSeries.Completions, 1);
            metrics.Add(AlignSeries.TokensGenerated, row.Tokens.Length);
        }

        if (rows.Count > 0) await ShowRoundAsync(rows[^1], cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task AddVerdictsAsync(IReadOnlyList<VerdictRow> rows, CancellationToken cancel = default)
    {
        HashSet<VerdictKey> known = [.. (await inner.VerdictsAsync([.. rows.Select(r => r.Key)], cancel).ConfigureAwait(false)).Keys];
        await inner.AddVerdictsAsync(rows, cancel).ConfigureAwait(false);
        foreach (Verdict verdict in rows.Where(r => known.Add(r.Key)).Select(r => r.Verdict))
        {
            metrics.Add(AlignSeries.Verdicts, 1, LabelOf(verdict.Outcome));
            if (verdict.Flipped) metrics.Add(AlignSeries.VerdictsFlipped, 1);
        }
    }

    /// <inheritdoc/>
    public async Task AddPairSetsAsync(IReadOnlyList<PairSetRow> rows, CancellationToken cancel = default)
    {
        HashSet<PromptKey> known = [];
        foreach ((int stage, int round, int from, int to) in Ranges(rows.Select(r => r.Key)))
        {
            known.UnionWith((await inner.PairSetsAsync(stage, round, from, to, cancel).ConfigureAwait(false)).Select(r => r.Key));
        }

        await inner.AddPairSetsAsync(rows, cancel).ConfigureAwait(false);
        foreach (PairSetRow row in rows.Where(r => known.Add(r.Key)))
        {
            metrics.Add(AlignSeries.Prompts, 1);
            metrics.Add(AlignSeries.Matches, row.Matches.Count);
            metrics.Add(AlignSeries.Pairs, row.Pairs.Count);
        }
    }

    /// <inheritdoc/>
    public async Task AddStepsAsync(IReadOnlyList<StepRow> rows, CancellationToken cancel = default)
    {
        await stepGate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            foreach (IGrouping<(int Stage, int Round), StepRow> of in rows.GroupBy(r => (r.Stage, r.Round)))
            {
                if (stepsOf != of.Key)
                {
                    steps = [.. (await inner.StepsAsync(of.Key.Stage, of.Key.Round, cancel).ConfigureAwait(false)).Select(r => r.Step)];
                    stepsOf = of.Key;
                }

                await inner.AddStepsAsync([.. of], cancel).ConfigureAwait(false);
                foreach (StepRow row in of.Where(r => steps.Add(r.Step)))
                {
                    metrics.Add(AlignSeries.Steps, 1);
                    metrics.Add(AlignSeries.TokensTrained, row.Report.Tokens);
                }
            }
        }
        finally
        {
            stepGate.Release();
        }
    }

    /// <inheritdoc/>
    public async Task AddRoundAsync(RoundRow row, CancellationToken cancel = default)
    {
        await inner.AddRoundAsync(row, cancel).ConfigureAwait(false);
        Show(row.Metrics, RoundMetrics.FlipRate, AlignSeries.FlipRate);
        Show(row.Metrics, RoundMetrics.TieRate, AlignSeries.TieRate);
        Show(row.Metrics, RoundMetrics.InvalidRate, AlignSeries.InvalidRate);
    }

    /// <inheritdoc/>
    public async Task AddEvaluationAsync(EvaluationRow row, CancellationToken cancel = default)
    {
        await inner.AddEvaluationAsync(row, cancel).ConfigureAwait(false);
        Show(row.Metrics, EvaluationMetrics.PassRate, AlignSeries.WinRate);
    }

    /// <inheritdoc/>
    public Task<RunRow?> RunAsync(CancellationToken cancel = default) => inner.RunAsync(cancel);

    /// <inheritdoc/>
    public Task AddRunAsync(RunRow run, CancellationToken cancel = default) => inner.AddRunAsync(run, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) =>
        inner.CompletionsAsync(stage, round, from, to, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<VerdictKey, Verdict>> VerdictsAsync(IReadOnlyCollection<VerdictKey> keys, CancellationToken cancel = default) =>
        inner.VerdictsAsync(keys, cancel);

    /// <inheritdoc/>
    public Task AddRatingsAsync(IReadOnlyList<RatingRow> rows, CancellationToken cancel = default) => inner.AddRatingsAsync(rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<RatingKey, Rating>> RatingsAsync(IReadOnlyCollection<RatingKey> keys, CancellationToken cancel = default) =>
        inner.RatingsAsync(keys, cancel);

    /// <inheritdoc/>
    public Task<long> VerdictCountAsync(CancellationToken cancel = default) => inner.VerdictCountAsync(cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) =>
        inner.PairSetsAsync(stage, round, from, to, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StepRow>> StepsAsync(int stage, int round, CancellationToken cancel = default) => inner.StepsAsync(stage, round, cancel);

    /// <inheritdoc/>
    public Task AddTrainerCheckpointAsync(TrainerCheckpointRow row, CancellationToken cancel = default) => inner.AddTrainerCheckpointAsync(row, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TrainerCheckpointRow>> TrainerCheckpointsAsync(int stage, int round, CancellationToken cancel = default) =>
        inner.TrainerCheckpointsAsync(stage, round, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RoundRow>> RoundsAsync(CancellationToken cancel = default) => inner.RoundsAsync(cancel);

    /// <inheritdoc/>
    public Task<EvaluationRow?> EvaluationAsync(string policy, CancellationToken cancel = default) => inner.EvaluationAsync(policy, cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        stepGate.Dispose();
    }

    private static string LabelOf(Outcome outcome) => outcome switch
    {
        Outcome.A => "a",
        Outcome.B => "b",
        Outcome.Tie => "tie",
        _ => "invalid",
    };

    /// <summary>One range of prompts per round that covers all keys.</summary>
    private static IEnumerable<(int Stage, int Round, int From, int To)> Ranges(IEnumerable<PromptKey> keys) =>
        keys.GroupBy(k => (k.Stage, k.Round)).Select(of => (of.Key.Stage, of.Key.Round, of.Min(k => k.Index), of.Max(k => k.Index) + 1));

    /// <summary>Which round draws, and how many policies were published since the one that draws; looked up once a round.</summary>
    private async Task ShowRoundAsync(CompletionRow row, CancellationToken cancel)
    {
        metrics.Set(AlignSeries.Round, run, row.Key.Round);
        if (Interlocked.Exchange(ref drawnFor, Tuple.Create(row.Key.Stage, row.Key.Round)) is { } known && known.Equals(Tuple.Create(row.Key.Stage, row.Key.Round))) return;
        string[] published = [.. (await inner.RoundsAsync(cancel).ConfigureAwait(false)).Select(r => r.PolicyAfter)];
        int at = Array.LastIndexOf(published, row.Policy);
        if (at >= 0) metrics.Set(AlignSeries.PolicyLag, run, published.Length - 1 - at);
    }

    private void Show(IReadOnlyDictionary<string, double> figures, string name, MetricSeries gauge)
    {
        if (figures.TryGetValue(name, out double value)) metrics.Set(gauge, run, value);
    }
}
