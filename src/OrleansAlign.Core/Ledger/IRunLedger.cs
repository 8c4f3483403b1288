using OrleansAlign.Core.Judging;

namespace OrleansAlign.Core.Ledger;

/// <summary>The record of truth of one run: append-only rows with natural keys, so that writing twice is writing once.</summary>
/// <remarks>
/// A call returns once its rows are committed. A row whose key exists already is left as it is. Lists come back in the order of their keys. Where a call
/// says which of its rows are new, those are the ones whose keys were not there before: of several that add one key at the same moment, one is told so.
/// (Of rows that were committed while the connection broke, nobody is.)
/// </remarks>
public interface IRunLedger : IAsyncDisposable
{
    /// <summary>The run, or null before it was recorded.</summary>
    Task<RunRow?> RunAsync(CancellationToken cancel = default);

    /// <summary>Records the run.</summary>
    Task AddRunAsync(RunRow run, CancellationToken cancel = default);

    /// <summary>Records candidates.</summary>
    /// <returns>Those that are new, in the order in which they were given.</returns>
    Task<IReadOnlyList<CompletionRow>> AddCompletionsAsync(IReadOnlyList<CompletionRow> rows, CancellationToken cancel = default);

    /// <summary>The candidates of prompts [<paramref name="from"/>, <paramref name="to"/>) of a round.</summary>
    Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to, CancellationToken cancel = default);

    /// <summary>The candidates of some prompts of a round, given by their places.</summary>
    Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default);

    /// <summary>Records verdicts; keys must be canonical.</summary>
    /// <returns>Those that are new, in the order in which they were given.</returns>
    Task<IReadOnlyList<VerdictRow>> AddVerdictsAsync(IReadOnlyList<VerdictRow> rows, CancellationToken cancel = default);

    /// <summary>Those of the questions (canonical keys) that are answered already.</summary>
    Task<IReadOnlyDictionary<VerdictKey, Verdict>> VerdictsAsync(IReadOnlyCollection<VerdictKey> keys, CancellationToken cancel = default);

    /// <summary>Records ratings.</summary>
    Task AddRatingsAsync(IReadOnlyList<RatingRow> rows, CancellationToken cancel = default);

    /// <summary>Those of the responses that are rated already.</summary>
    Task<IReadOnlyDictionary<RatingKey, Rating>> RatingsAsync(IReadOnlyCollection<RatingKey> keys, CancellationToken cancel = default);

    /// <summary>Number of verdicts recorded.</summary>
    Task<long> VerdictCountAsync(CancellationToken cancel = default);

    /// <summary>Records what came of brackets.</summary>
    /// <returns>Those that are new, in the order in which they were given.</returns>
    Task<IReadOnlyList<PairSetRow>> AddPairSetsAsync(IReadOnlyList<PairSetRow> rows, CancellationToken cancel = default);

    /// <summary>The pair sets of prompts [<paramref name="from"/>, <paramref name="to"/>) of a round.</summary>
    Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to, CancellationToken cancel = default);

    /// <summary>The pair sets of some prompts of a round, given by their places.</summary>
    Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default);

    /// <summary>Records steps.</summary>
    /// <returns>Those that are new, in the order in which they were given.</returns>
    Task<IReadOnlyList<StepRow>> AddStepsAsync(IReadOnlyList<StepRow> rows, CancellationToken cancel = default);

    /// <summary>The steps of a round.</summary>
    Task<IReadOnlyList<StepRow>> StepsAsync(int stage, int round, CancellationToken cancel = default);

    /// <summary>Records that training can go on from here.</summary>
    Task AddTrainerCheckpointAsync(TrainerCheckpointRow row, CancellationToken cancel = default);

    /// <summary>The places from which a round's training can go on, the latest first; of old ones the file may be gone.</summary>
    Task<IReadOnlyList<TrainerCheckpointRow>> TrainerCheckpointsAsync(int stage, int round, CancellationToken cancel = default);

    /// <summary>Records a round's end.</summary>
    Task AddRoundAsync(RoundRow row, CancellationToken cancel = default);

    /// <summary>All rounds that ended.</summary>
    Task<IReadOnlyList<RoundRow>> RoundsAsync(CancellationToken cancel = default);

    /// <summary>Records an evaluation.</summary>
    Task AddEvaluationAsync(EvaluationRow row, CancellationToken cancel = default);

    /// <summary>What is known of a policy; null if it was not evaluated.</summary>
    Task<EvaluationRow?> EvaluationAsync(string policy, CancellationToken cancel = default);
}
