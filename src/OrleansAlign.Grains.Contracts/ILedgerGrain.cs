using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Grains.Contracts;

/// <summary>Reads a run's ledger for clients, which have no way to the database. Lists are pieces of what <see cref="IRunLedger"/> gives.</summary>
[Alias("align.ledger")]
public interface ILedgerGrain : IGrainWithStringKey
{
    /// <inheritdoc cref="IRunLedger.RunAsync"/>
    [Alias("run")]
    Task<RunRow?> RunAsync();

    /// <inheritdoc cref="IRunLedger.CompletionsAsync(int, int, int, int, CancellationToken)"/>
    [Alias("completions")]
    Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to);

    /// <inheritdoc cref="IRunLedger.PairSetsAsync(int, int, int, int, CancellationToken)"/>
    [Alias("pair-sets")]
    Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to);

    /// <inheritdoc cref="IRunLedger.VerdictsAsync"/>
    [Alias("verdicts")]
    Task<IReadOnlyList<VerdictRow>> VerdictsAsync(IReadOnlyList<VerdictKey> keys);

    /// <inheritdoc cref="IRunLedger.RatingsAsync"/>
    [Alias("ratings")]
    Task<IReadOnlyList<RatingRow>> RatingsAsync(IReadOnlyList<RatingKey> keys);

    /// <inheritdoc cref="IRunLedger.VerdictCountAsync"/>
    [Alias("verdict-count")]
    Task<long> VerdictCountAsync();

    /// <inheritdoc cref="IRunLedger.StepsAsync"/>
    [Alias("steps")]
    Task<IReadOnlyList<StepRow>> StepsAsync(int stage, int round);

    /// <inheritdoc cref="IRunLedger.RoundsAsync"/>
    [Alias("rounds")]
    Task<IReadOnlyList<RoundRow>> RoundsAsync();

    /// <inheritdoc cref="IRunLedger.EvaluationAsync"/>
    [Alias("evaluation")]
    Task<EvaluationRow?> EvaluationAsync(string policy);
}
