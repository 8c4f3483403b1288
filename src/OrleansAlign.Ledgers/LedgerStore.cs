namespace OrleansAlign.Ledgers;

/// <summary>Stores a ledger's rows: the operations that <see cref="TableLedger"/> needs of a database.</summary>
/// <remarks>Safe for any number of callers at once. A call that is cancelled before it begins does nothing.</remarks>
internal abstract class LedgerStore : IAsyncDisposable
{
    /// <summary>Adds rows of a run, and returns once they are committed.</summary>
    /// <param name="run">The run.</param>
    /// <param name="table">The rows' table.</param>
    /// <param name="rows">The rows' values, in the order of the table's columns.</param>
    /// <param name="cancel">Ends the wait; the rows may then be committed or not.</param>
    /// <returns>For each row whether it is new.</returns>
    /// <exception cref="IOException">The database refused the rows; one line says why and what to do.</exception>
    public abstract Task<bool[]> AddAsync(string run, Table table, IReadOnlyList<object?[]> rows, CancellationToken cancel);

    /// <summary>The row records of a run that match a filter, in the order of their keys.</summary>
    public abstract Task<IReadOnlyList<object>> ReadAsync(string run, Table table, KeyFilter filter, CancellationToken cancel);

    /// <summary>The row record of each key, null where there is none.</summary>
    public abstract Task<object?[]> FindAsync(string run, Table table, IReadOnlyList<object[]> keys, CancellationToken cancel);

    /// <summary>The number of rows of a run that match a filter.</summary>
    public abstract Task<long> CountAsync(string run, Table table, KeyFilter filter, CancellationToken cancel);

    /// <summary>Commits the rows that were added, and closes the database.</summary>
    public abstract ValueTask DisposeAsync();
}
