using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Grains.Contracts;

/// <summary>Reads a run's ledger for clients, which do not connect to the database. Its methods are those of <see cref="ILedgerReader"/>.</summary>
[Alias("align.ledger")]
public interface ILedgerGrain : IGrainWithStringKey
{
    /// <inheritdoc cref="ILedgerReader.RunAsync"/>
    [Alias("run")]
    Task<RunRow?> RunAsync();

    /// <inheritdoc cref="ILedgerReader.CompletionsAsync"/>
    [Alias("completions")]
    Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to);

    /// <inheritdoc cref="ILedgerReader.PairSetsAsync"/>
    [Alias("pair-sets")]
    Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to);

    /// <inheritdoc cref="ILedgerReader.VerdictsAsync"/>
    [Alias("verdicts")]
    Task<IReadOnlyList<VerdictRow>> VerdictsAsync(IReadOnlyList<VerdictKey> keys);

    /// <inheritdoc cref="ILedgerReader.RatingsAsync"/>
    [Alias("ratings")]
    Task<IReadOnlyList<RatingRow>> RatingsAsync(IReadOnlyList<RatingKey> keys);

    /// <inheritdoc cref="ILedgerReader.VerdictCountAsync"/>
    [Alias("verdict-count")]
    Task<long> VerdictCountAsync();

    /// <inheritdoc cref="ILedgerReader.StepsAsync"/>
    [Alias("steps")]
    Task<IReadOnlyList<StepRow>> StepsAsync(int stage, int round);

    /// <inheritdoc cref="ILedgerReader.CountsAsync"/>
    [Alias("counts")]
    Task<RoundCounts> CountsAsync(int stage, int round);

    /// <inheritdoc cref="ILedgerReader.RoundsAsync"/>
    [Alias("rounds")]
    Task<IReadOnlyList<RoundRow>> RoundsAsync();

    /// <inheritdoc cref="ILedgerReader.EvaluationAsync"/>
    [Alias("evaluation")]
    Task<EvaluationRow?> EvaluationAsync(string policy);
}
