namespace OrleansAlign.Core.Ledger;

/// <summary>The record of truth of one run: append-only rows with natural keys, so that writing twice is writing once.</summary>
/// <remarks>
/// A call returns once its rows are committed. A row whose key exists already is left as it is. Where a call says which of its rows are new, those are the
/// ones whose keys were not there before: of several that add one key at the same moment, one is told so. (Of rows that were committed while the connection
/// broke, nobody is.)
/// </remarks>
public interface IRunLedger : ILedgerReader
{
    /// <summary>Records the run.</summary>
    Task AddRunAsync(RunRow run, CancellationToken cancel = default);

    /// <summary>Records candidates.</summary>
    /// <returns>Those that are new, in the order in which they were given.</returns>
    Task<IReadOnlyList<CompletionRow>> AddCompletionsAsync(IReadOnlyList<CompletionRow> rows, CancellationToken cancel = default);

    /// <summary>The candidates of some prompts of a round, given by their places.</summary>
    Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default);

    /// <summary>Records verdicts; keys must be canonical.</summary>
    /// <returns>Those that are new, in the order in which they were given.</returns>
    Task<IReadOnlyList<VerdictRow>> AddVerdictsAsync(IReadOnlyList<VerdictRow> rows, CancellationToken cancel = default);

    /// <summary>Records ratings.</summary>
    /// <returns>Those that are new, in the order in which they were given.</returns>
    Task<IReadOnlyList<RatingRow>> AddRatingsAsync(IReadOnlyList<RatingRow> rows, CancellationToken cancel = default);

    /// <summary>Records what came of brackets.</summary>
    /// <returns>Those that are new, in the order in which they were given.</returns>
    Task<IReadOnlyList<PairSetRow>> AddPairSetsAsync(IReadOnlyList<PairSetRow> rows, CancellationToken cancel = default);

    /// <summary>The pair sets of some prompts of a round, given by their places.</summary>
    Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default);

    /// <summary>Records steps.</summary>
    /// <returns>Those that are new, in the order in which they were given.</returns>
    Task<IReadOnlyList<StepRow>> AddStepsAsync(IReadOnlyList<StepRow> rows, CancellationToken cancel = default);

    /// <summary>Records that training can go on from here.</summary>
    Task AddTrainerCheckpointAsync(TrainerCheckpointRow row, CancellationToken cancel = default);

    /// <summary>The places from which a round's training can go on, the latest first; of old ones the file may be gone.</summary>
    Task<IReadOnlyList<TrainerCheckpointRow>> TrainerCheckpointsAsync(int stage, int round, CancellationToken cancel = default);

    /// <summary>Records a round's end.</summary>
    Task AddRoundAsync(RoundRow row, CancellationToken cancel = default);

    /// <summary>Records an evaluation.</summary>
    Task AddEvaluationAsync(EvaluationRow row, CancellationToken cancel = default);
}
