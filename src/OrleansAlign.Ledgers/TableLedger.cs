using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Ledgers;

/// <summary>A run's ledger in the tables of <see cref="LedgerTables"/>, in any database; safe for any number of callers at once.</summary>
/// <remarks>
/// Rows that concurrent callers add are committed together. A failure of the database is an <see cref="IOException"/> with a message of one line. A cancelled
/// call ends at once; the rows that it was adding may be committed or not.
/// </remarks>
public class TableLedger : IRunLedger
{
    private readonly LedgerStore store;
    private readonly string? run;
    private readonly bool ownsStore;

    /// <param name="store">The store of the rows.</param>
    /// <param name="run">The run; null if the store has one run only.</param>
    /// <param name="ownsStore">Whether the ledger disposes of the store.</param>
    private protected TableLedger(LedgerStore store, string? run, bool ownsStore) => (this.store, this.run, this.ownsStore) = (store, run, ownsStore);

    /// <summary>The ledger of one run in a store of many.</summary>
    internal static TableLedger Of(LedgerStore store, string run) => new(store, run, ownsStore: false);

    /// <inheritdoc/>
    public Action<IReadOnlyList<object>>? Added { get; set; }

    /// <inheritdoc/>
    public async Task<RunRow?> RunAsync(CancellationToken cancel = default) =>
        await ReadAsync(LedgerTables.Run, new KeyFilter(), cancel).ConfigureAwait(false) is [var row, ..] ? row : null;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The row is another run's.</exception>
    public Task AddRunAsync(RunRow run, CancellationToken cancel = default) => this.run is null || run.RunId == this.run
        ? AddAsync(LedgerTables.Run, [run], cancel)
        : throw new ArgumentException($"the row is of run '{run.RunId}', the ledger of run '{this.run}'", nameof(run));

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> AddCompletionsAsync(IReadOnlyList<CompletionRow> rows, CancellationToken cancel = default) =>
        AddAsync(LedgerTables.Completion, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) =>
        ReadAsync(LedgerTables.Completion, new KeyFilter(stage, round) { Range = (from, to) }, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompletionRow>> CompletionsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default) =>
        ReadAsync(LedgerTables.Completion, new KeyFilter(stage, round) { Among = [.. prompts] }, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<VerdictRow>> AddVerdictsAsync(IReadOnlyList<VerdictRow> rows, CancellationToken cancel = default) =>
        rows.FirstOrDefault(r => !r.Key.IsCanonical) is { } row
            ? throw new ArgumentException($"verdict key {row.Key} is not canonical", nameof(rows))
            : AddAsync(LedgerTables.Verdict, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<VerdictKey, Verdict>> VerdictsAsync(IReadOnlyCollection<VerdictKey> keys, CancellationToken cancel = default) =>
        FindAsync(LedgerTables.Verdict, keys, key => [key.Judge, key.Context, key.A, key.B], row => row.Verdict, cancel);

    /// <inheritdoc/>
    public Task<long> VerdictCountAsync(CancellationToken cancel = default) => CountAsync(LedgerTables.Verdict, new KeyFilter(), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RatingRow>> AddRatingsAsync(IReadOnlyList<RatingRow> rows, CancellationToken cancel = default) =>
        AddAsync(LedgerTables.Rating, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<RatingKey, Rating>> RatingsAsync(IReadOnlyCollection<RatingKey> keys, CancellationToken cancel = default) =>
        FindAsync(LedgerTables.Rating, keys, key => [key.Rater, key.Context, key.Response], row => row.Rating, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> AddPairSetsAsync(IReadOnlyList<PairSetRow> rows, CancellationToken cancel = default) =>
        AddAsync(LedgerTables.PairSet, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, int from, int to, CancellationToken cancel = default) =>
        ReadAsync(LedgerTables.PairSet, new KeyFilter(stage, round) { Range = (from, to) }, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PairSetRow>> PairSetsAsync(int stage, int round, IReadOnlyCollection<int> prompts, CancellationToken cancel = default) =>
        ReadAsync(LedgerTables.PairSet, new KeyFilter(stage, round) { Among = [.. prompts] }, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StepRow>> AddStepsAsync(IReadOnlyList<StepRow> rows, CancellationToken cancel = default) =>
        AddAsync(LedgerTables.Step, rows, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StepRow>> StepsAsync(int stage, int round, CancellationToken cancel = default) =>
        ReadAsync(LedgerTables.Step, new KeyFilter(stage, round), cancel);

    /// <inheritdoc/>
    public Task AddTrainerCheckpointAsync(TrainerCheckpointRow row, CancellationToken cancel = default) =>
        AddAsync(LedgerTables.TrainerCheckpoint, [row], cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TrainerCheckpointRow>> TrainerCheckpointsAsync(int stage, int round, CancellationToken cancel = default) =>
        ReadAsync(LedgerTables.TrainerCheckpoint, new KeyFilter(stage, round) { IsDescending = true }, cancel);

    /// <inheritdoc/>
    public Task AddRoundAsync(RoundRow row, CancellationToken cancel = default) => AddAsync(LedgerTables.Round, [row], cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RoundRow>> RoundsAsync(CancellationToken cancel = default) => ReadAsync(LedgerTables.Round, new KeyFilter(), cancel);

    /// <inheritdoc/>
    public async Task<RoundCounts> CountsAsync(int stage, int round, CancellationToken cancel = default) => new(
        await CountAsync(LedgerTables.Completion, new KeyFilter(stage, round), cancel).ConfigureAwait(false),
        await CountAsync(LedgerTables.PairSet, new KeyFilter(stage, round), cancel).ConfigureAwait(false),
        await CountAsync(LedgerTables.Step, new KeyFilter(stage, round), cancel).ConfigureAwait(false));

    /// <inheritdoc/>
    public Task AddEvaluationAsync(EvaluationRow row, CancellationToken cancel = default) => AddAsync(LedgerTables.Evaluation, [row], cancel);

    /// <inheritdoc/>
    public async Task<EvaluationRow?> EvaluationAsync(string policy, CancellationToken cancel = default) =>
        await ReadAsync(LedgerTables.Evaluation, new KeyFilter(policy), cancel).ConfigureAwait(false) is [var row] ? row : null;

    /// <summary>Commits the rows that were added and closes the file. In a store of many runs this does nothing: the store's owner closes it.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ownsStore ? store.DisposeAsync() : ValueTask.CompletedTask;
    }

    private async Task<IReadOnlyList<TRow>> AddAsync<TRow>(Table<TRow> table, IReadOnlyList<TRow> rows, CancellationToken cancel)
        where TRow : class
    {
        var values = new object?[rows.Count][];
        for (int i = 0; i < values.Length; i++) values[i] = table.ValuesOf(rows[i]);
        bool[] isNew = await store.AddAsync(run ?? "", table, values, cancel).ConfigureAwait(false);
        IReadOnlyList<TRow> added = Array.TrueForAll(isNew, one => one) ? rows : [.. rows.Where((_, i) => isNew[i])];
        Added?.Invoke(added);
        return added;
    }

    private async Task<IReadOnlyList<TRow>> ReadAsync<TRow>(Table<TRow> table, KeyFilter filter, CancellationToken cancel)
        where TRow : class =>
        [.. (await store.ReadAsync(run ?? "", table, filter, cancel).ConfigureAwait(false)).Cast<TRow>()];

    private Task<long> CountAsync(Table table, KeyFilter filter, CancellationToken cancel) => store.CountAsync(run ?? "", table, filter, cancel);

    private async Task<IReadOnlyDictionary<TKey, TValue>> FindAsync<TRow, TKey, TValue>(
        Table<TRow> table, IReadOnlyCollection<TKey> keys, Func<TKey, object[]> parts, Func<TRow, TValue> value, CancellationToken cancel)
        where TRow : class
        where TKey : notnull
    {
        object?[] rows = await store.FindAsync(run ?? "", table, [.. keys.Select(parts)], cancel).ConfigureAwait(false);
        Dictionary<TKey, TValue> found = [];
        foreach ((TKey key, object? row) in keys.Zip(rows))
        {
            if (row is TRow known) found[key] = value(known);
        }

        return found;
    }
}
