using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Core.Telemetry;

/// <summary>A run's ledger that counts what is committed through it for the first time, so that counters agree with its rows.</summary>
public sealed class MeteredLedger(IRunLedger inner, AlignMetrics metrics) : IRunLedger
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<CompletionRow>> AddCompletionsAsync(IReadOnlyList<CompletionRow> rows, CancellationToken cancel = default)
    {
        IReadOnlyList<CompletionRow> added = await inner.AddCompletionsAsync(rows, cancel).ConfigureAwait(false);
        metrics.Add(AlignSeries.Completions, added.Count);
        metrics.Add(AlignSeries.TokensGenerated, added.Sum(row => row.Tokens.Length));
        return added;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<VerdictRow>> AddVerdictsAsync(IReadOnlyList<VerdictRow> rows, CancellationToken cancel = default)
    {
        IReadOnlyList<VerdictRow> added = await inner.AddVerdictsAsync(rows, cancel).ConfigureAwait(false);
        foreach (Verdict verdict in added.Select(row => row.Verdict))
        {
            metrics.Add(AlignSeries.Verdicts, 1, LabelOf(verdict.Outcome));
            if (verdict.Flipped) metrics.Add(AlignSeries.VerdictsFlipped, 1);
        }

        return added;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PairSetRow>> AddPairSetsAsync(IReadOnlyList<PairSetRow> rows, CancellationToken cancel = default)
    {
        IReadOnlyList<PairSetRow> added = await inner.AddPairSetsAsync(rows, cancel).ConfigureAwait(false);
        metrics.Add(AlignSeries.Prompts, added.Count);
        metrics.Add(AlignSeries.Matches, added.Sum(row => row.Matches.Count));
        metrics.Add(AlignSeries.Pairs, added.Sum(row => row.Pairs.Count));
        return added;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StepRow>> AddStepsAsync(IReadOnlyList<StepRow> rows, CancellationToken cancel = default)
    {
        IReadOnlyList<StepRow> added = await inner.AddStepsAsync(rows, cancel).ConfigureAwait(false);
        metrics.Add(AlignSeries.Steps, added.Count);
        metrics.Add(AlignSeries.TokensTrained, added.Sum(row => row.Report.Tokens));
        return added;
    }

    /// <inheritdoc/>
    public Task AddRoundAsync(RoundRow row, CancellationToken cancel = default) => inner.AddRoundAsync(row, cancel);

    /// <inheritdoc/>
    public Task AddEvaluationAsync(EvaluationRow row, CancellationToken cancel = default) => inner.AddEvaluationAsync(row, cancel);

    /// <inheritdoc/>
    public Task<RunRow?> RunAsync(CancellationToken cancel = default) => inner.RunAsync(cancel);

    /// <inheritdoc/>
    public Task AddRunAsync(RunRow run, CancellationToken cancel = default) => inner.AddRunAsync(run, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) =>
        inner.CompletionsAsync(stage, round, from, to, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default) =>
        inner.CompletionsAsync(stage, round, prompts, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<VerdictKey, Verdict>> VerdictsAsync(IReadOnlyCollection<VerdictKey> keys, CancellationToken cancel = default) =>
        inner.VerdictsAsync(keys, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RatingRow>> AddRatingsAsync(IReadOnlyList<RatingRow> rows, CancellationToken cancel = default) =>
        inner.AddRatingsAsync(rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<RatingKey, Rating>> RatingsAsync(IReadOnlyCollection<RatingKey> keys, CancellationToken cancel = default) =>
        inner.RatingsAsync(keys, cancel);

    /// <inheritdoc/>
    public Task<long> VerdictCountAsync(CancellationToken cancel = default) => inner.VerdictCountAsync(cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) =>
        inner.PairSetsAsync(stage, round, from, to, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default) =>
        inner.PairSetsAsync(stage, round, prompts, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StepRow>> StepsAsync(int stage, int round, CancellationToken cancel = default) => inner.StepsAsync(stage, round, cancel);

    /// <inheritdoc/>
    public Task<RoundCounts> CountsAsync(int stage, int round, CancellationToken cancel = default) => inner.CountsAsync(stage, round, cancel);

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
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static string LabelOf(Outcome outcome) => outcome switch
    {
        Outcome.A => "a",
        Outcome.B => "b",
        Outcome.Tie => "tie",
        _ => "invalid",
    };
}
