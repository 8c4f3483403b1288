using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Ledgers;

/// <summary>The ledgers of all runs in one PostgreSQL database, in its schema <c>align</c>. Opened once per process; safe for any number of callers.</summary>
/// <remarks>
/// Rows that concurrent callers add to a table are committed together, so many small calls cost little more than a few large ones. Calls wait for a server
/// that is away for a while (restart, failover, no free connection) and are tried again, which is harmless because every call is idempotent. A process uses at
/// most 16 connections unless the connection string sets Maximum Pool Size.
/// </remarks>
public sealed class PostgresLedgers : IRunLedgers, IAsyncDisposable
{
    private readonly PostgresStore store;
    private bool closed;

    private PostgresLedgers(PostgresStore store) => this.store = store;

    /// <summary>Version of the schema that this program knows; an older one is brought up to it, a newer one is refused.</summary>
    public static int SchemaVersion => LedgerTables.Version;

    /// <summary>Opens the database, and creates or updates the schema; any number of processes may do so at once.</summary>
    /// <param name="connectionString">As Npgsql reads it: <c>Host=…;Port=5432;Database=…;Username=…;Password=…</c>.</param>
    /// <param name="clock">Clock of the waits for a server that is away.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="InvalidDataException">
    /// The connection string, the server, the user, the database or its schema cannot be used; one line says which, and what to do.
    /// </exception>
    public static async Task<PostgresLedgers> OpenAsync(
        string connectionString, TimeProvider clock, PostgresLedgerOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new PostgresLedgerOptions();
        PostgresDatabase database = PostgresDatabase.Of(connectionString);
        try
        {
            Patience patience = new(options.PatienceToOpen, clock);
            await database.TryAsync((c, ct) => PostgresSchema.EnsureAsync(c, database.Name, ct), patience, cancel).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            await database.DisposeAsync().ConfigureAwait(false);
            if (error is IOException) throw new InvalidDataException(error.Message, error.InnerException);
            throw;
        }

        return new PostgresLedgers(new PostgresStore(database, new Patience(options.Patience, clock), options));
    }

    /// <summary>The runs that were recorded, in the order of their ids.</summary>
    public Task<IReadOnlyList<string>> RunIdsAsync(CancellationToken cancel = default) => store.RunIdsAsync(cancel);

    /// <summary>The ledger of a run, recorded or not. It needs no disposing.</summary>
    public IRunLedger Open(string run)
    {
        ArgumentException.ThrowIfNullOrEmpty(run);
        return TableLedger.Of(store, run);
    }

    /// <summary>Commits the rows that have been added, if the server can be reached, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref closed, true)) await store.DisposeAsync().ConfigureAwait(false);
    }
}
