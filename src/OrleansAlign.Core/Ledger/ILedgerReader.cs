using OrleansAlign.Core.Judging;

namespace OrleansAlign.Core.Ledger;

/// <summary>Read access to a run's ledger.</summary>
/// <remarks>Lists come back in the order of their keys.</remarks>
public interface ILedgerReader : IAsyncDisposable
{
    /// <summary>The run, or null before it was recorded.</summary>
    Task<RunRow?> RunAsync(CancellationToken cancel = default);

    /// <summary>The candidates of prompts [<paramref name="from"/>, <paramref name="to"/>) of a round.</summary>
    Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to, CancellationToken cancel = default);

    /// <summary>The recorded verdicts of the given questions (canonical keys).</summary>
    Task<IReadOnlyDictionary<VerdictKey, Verdict>> VerdictsAsync(IReadOnlyCollection<VerdictKey> keys, CancellationToken cancel = default);

    /// <summary>The recorded ratings of the given responses.</summary>
    Task<IReadOnlyDictionary<RatingKey, Rating>> RatingsAsync(IReadOnlyCollection<RatingKey> keys, CancellationToken cancel = default);

    /// <summary>Number of verdicts recorded.</summary>
    Task<long> VerdictCountAsync(CancellationToken cancel = default);

    /// <summary>The pair sets of prompts [<paramref name="from"/>, <paramref name="to"/>) of a round.</summary>
    Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to, CancellationToken cancel = default);

    /// <summary>The steps of a round.</summary>
    Task<IReadOnlyList<StepRow>> StepsAsync(int stage, int round, CancellationToken cancel = default);

    /// <summary>How much of a round is recorded.</summary>
    Task<RoundCounts> CountsAsync(int stage, int round, CancellationToken cancel = default);

    /// <summary>All rounds that ended.</summary>
    Task<IReadOnlyList<RoundRow>> RoundsAsync(CancellationToken cancel = default);

    /// <summary>The evaluation of a policy; null if it was not evaluated.</summary>
    Task<EvaluationRow?> EvaluationAsync(string policy, CancellationToken cancel = default);
}
