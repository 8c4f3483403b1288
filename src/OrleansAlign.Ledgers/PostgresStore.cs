using Npgsql;

namespace OrleansAlign.Ledgers;

/// <summary>The rows of many runs in one PostgreSQL database. Rows that concurrent callers add to a table, or look up in it, share one statement.</summary>
internal sealed class PostgresStore : LedgerStore
{
    /// <summary>Approximate limit of a batch's bytes.</summary>
    private const int BatchBytes = 8 << 20;

    private readonly PostgresDatabase database;
    private readonly Patience patience;
    private readonly Dictionary<Table, (GroupCommit Rows, GroupLookUp Keys)> groups;

    public PostgresStore(PostgresDatabase database, Patience patience, PostgresLedgerOptions options)
    {
        (this.database, this.patience) = (database, patience);
        groups = LedgerTables.All.ToDictionary(table => table, table =>
        {
            string insert = PostgresDialect.Instance.Insert(table);
            return (new GroupCommit(options.Lanes, (options.BatchRows, BatchBytes), patience, batch => InsertAsync(table, insert, batch), Explain),
                new GroupLookUp(table, database, patience, options.Lanes));
        });
    }

    /// <inheritdoc/>
    public override Task<bool[]> AddAsync(string run, Table table, IReadOnlyList<object?[]> rows, CancellationToken cancel) =>
        groups[table].Rows.AddAsync(run, table, rows, cancel);

    /// <inheritdoc/>
    public override Task<IReadOnlyList<object>> ReadAsync(string run, Table table, KeyFilter filter, CancellationToken cancel) =>
        QueryAsync(PostgresDialect.Instance.Select(table, run, filter, LedgerTables.Version), table.RowOf, cancel);

    /// <inheritdoc/>
    public override Task<object?[]> FindAsync(string run, Table table, IReadOnlyList<object[]> keys, CancellationToken cancel) =>
        groups[table].Keys.FindAsync(run, keys, cancel);

    /// <inheritdoc/>
    public override async Task<long> CountAsync(string run, Table table, KeyFilter filter, CancellationToken cancel) =>
        (await QueryAsync(PostgresDialect.Instance.Count(table, run, filter), row => row.Long(0), cancel).ConfigureAwait(false))[0];

    /// <summary>The runs that were recorded, in the order of their ids.</summary>
    public Task<IReadOnlyList<string>> RunIdsAsync(CancellationToken cancel) =>
        QueryAsync(new Statement("SELECT run FROM align.run ORDER BY run", []), row => row.Text(0), cancel);
    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        IEnumerable<IAsyncDisposable> lanes = groups.Values.SelectMany(group => new IAsyncDisposable[] { group.Rows, group.Keys });
        await Task.WhenAll(lanes.Select(lane => lane.DisposeAsync().AsTask())).ConfigureAwait(false);
        await database.DisposeAsync().ConfigureAwait(false);
    }

    private Exception Explain(Exception error, Patience? waited) => PostgresFailure.IsOfServer(error)
        ? new IOException($"{database.Failed(error, waited)}; what was committed is kept", error)
        : error;

    private Task<bool[][]> InsertAsync(Table table, string insert, List<AddCall> batch) => database.OnceAsync(
        async (connection, cancel) =>
        {
            (string Run, object?[] Values)[] rows = [.. batch.SelectMany(call => call.Rows.Select(row => (call.Run, row)))];
            await using NpgsqlCommand command = new(insert, connection);
            command.Parameters.AddRange(PostgresDialect.ToInsert(table, rows));
            await command.PrepareAsync(cancel).ConfigureAwait(false);
            await using NpgsqlDataReader added = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
            HashSet<string> keys = new(rows.Length, StringComparer.Ordinal);
            while (await added.ReadAsync(cancel).ConfigureAwait(false)) keys.Add(PostgresDialect.KeyOf(added));
            return batch.Select(call => call.Rows.Select(row => keys.Remove(PostgresDialect.KeyOf(table, call.Run, row))).ToArray()).ToArray();
        },
        CancellationToken.None);

    private Task<IReadOnlyList<T>> QueryAsync<T>(Statement statement, Func<StoredRow, T> make, CancellationToken cancel) => database.TryAsync<IReadOnlyList<T>>(
        async (connection, token) =>
        {
            // Not prepared: a prepared plan that was made while the table was small would stay in use as the table grows.
            await using NpgsqlCommand command = new(statement.Sql, connection);
            foreach (object value in statement.Values) command.Parameters.Add(new NpgsqlParameter { Value = value });
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
            StoredRow row = new(reader, PostgresText.Read);
            List<T> all = [];
            while (await reader.ReadAsync(token).ConfigureAwait(false)) all.Add(make(row));
            return all;
        },
        patience, cancel);
}
