namespace OrleansAlign.Core.Ledger;

/// <summary>The record of truth of one run: append-only rows with natural keys, so that writing a row twice has the effect of writing it once.</summary>
/// <remarks>
/// A call returns once its rows are committed. A row whose key exists already is left unchanged. A call that returns its new rows returns those whose keys did
/// not exist before: of several concurrent calls that add the same key, exactly one returns the row. (If the connection broke during the commit, no call does.)
/// </remarks>
public interface IRunLedger : ILedgerReader
{
    /// <summary>Is told the new rows of every commit, all of one kind; null tells nobody.</summary>
    Action<IReadOnlyList<object>>? Added { get; set; }

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

    /// <summary>Records the results of tournaments.</summary>
    /// <returns>Those that are new, in the order in which they were given.</returns>
    Task<IReadOnlyList<PairSetRow>> AddPairSetsAsync(IReadOnlyList<PairSetRow> rows, CancellationToken cancel = default);

    /// <summary>The pair sets of some prompts of a round, given by their places.</summary>
    Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default);

    /// <summary>Records steps.</summary>
    /// <returns>Those that are new, in the order in which they were given.</returns>
    Task<IReadOnlyList<StepRow>> AddStepsAsync(IReadOnlyList<StepRow> rows, CancellationToken cancel = default);

    /// <summary>Records a checkpoint from which training can resume.</summary>
    Task AddTrainerCheckpointAsync(TrainerCheckpointRow row, CancellationToken cancel = default);

    /// <summary>A round's checkpoints, the latest first; the files of old ones may be deleted.</summary>
    Task<IReadOnlyList<TrainerCheckpointRow>> TrainerCheckpointsAsync(int stage, int round, CancellationToken cancel = default);

    /// <summary>Records a round's end.</summary>
    Task AddRoundAsync(RoundRow row, CancellationToken cancel = default);

    /// <summary>Records an evaluation.</summary>
    Task AddEvaluationAsync(EvaluationRow row, CancellationToken cancel = default);
}
