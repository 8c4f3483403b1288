using Npgsql;

namespace OrleansAlign.Ledgers;

/// <summary>Looks up keys of one table for many callers: keys that arrive during a query go into the next one, and each caller gets its own rows.</summary>
internal sealed class GroupLookUp : IAsyncDisposable
{
    /// <summary>Most keys that one query asks for.</summary>
    private const int QueryKeys = 8192;

    private readonly Table table;
    private readonly string sql;
    private readonly PostgresDatabase database;
    private readonly Patience patience;
    private readonly CallLanes<Call> lanes;

    /// <param name="table">The table.</param>
    /// <param name="database">The table's database.</param>
    /// <param name="patience">How long calls wait for a server that is away.</param>
    /// <param name="lanes">Queries under way at once.</param>
    public GroupLookUp(Table table, PostgresDatabase database, Patience patience, int lanes)
    {
        (this.table, this.database, this.patience, sql) = (table, database, patience, PostgresDialect.Instance.Find(table));
        this.lanes = new CallLanes<Call>(lanes, (QueryKeys, long.MaxValue), call => (call.Keys.Length, 0), AnswerAsync);
    }

    /// <summary>The row record of each of a run's keys, null where there is none.</summary>
    /// <exception cref="IOException">The server refused the query, or was away for longer than patience lasts.</exception>
    public async Task<object?[]> FindAsync(string run, IReadOnlyList<object[]> keys, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        List<Task<object?[]>> pieces = [];
        foreach (object[][] some in keys.Chunk(QueryKeys))
        {
            Call call = new(run, some, patience.Now, cancel);
            lanes.Add(call);
            pieces.Add(call.Found.Task);
        }

        object?[][] found = await Task.WhenAll(pieces).WaitAsync(cancel).ConfigureAwait(false);
        return found.Length == 1 ? found[0] : [.. found.SelectMany(piece => piece)];
    }

    /// <summary>Ends the queries under way.</summary>
    public ValueTask DisposeAsync() => lanes.DisposeAsync();

    private async Task AnswerAsync(List<Call> batch)
    {
        batch.RemoveAll(call => call.Cancel.IsCancellationRequested);
        if (batch.Count == 0) return;
        try
        {
            (string Run, object[] Key)[] asked = [.. batch.SelectMany(call => call.Keys.Select(key => (call.Run, key)))];
            object?[] found = await database.TryAsync(
                (connection, cancel) => QueryAsync(connection, asked, cancel), patience, batch.Min(call => call.Start), lanes.Closing).ConfigureAwait(false);
            int first = 0;
            foreach (Call call in batch)
            {
                call.Found.TrySetResult(found[first..(first + call.Keys.Length)]);
                first += call.Keys.Length;
            }
        }
        catch (Exception) when (batch.Count > 1 && !lanes.Closing.IsCancellationRequested)
        {
            // One caller's broken rows, or the end of its patience, must not fail the other calls: each is looked up alone.
            foreach (Call call in batch) await AnswerAsync([call]).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The callers get every exception, and the lane takes the next batch.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Exception told = lanes.Closing.IsCancellationRequested ? new ObjectDisposedException(nameof(TableLedger)) : error;
            foreach (Call call in batch) call.Found.TrySetException(told);
        }
    }

    private async Task<object?[]> QueryAsync(NpgsqlConnection connection, (string Run, object[] Key)[] asked, CancellationToken cancel)
    {
        // Not prepared: a prepared plan that was made while the table was small would stay in use as the table grows.
        await using NpgsqlCommand command = new(sql, connection);
        command.Parameters.AddRange(PostgresDialect.ToFind(table, asked));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        StoredRow row = new(reader, PostgresText.Read, first: 1);
        var found = new object?[asked.Length];
        while (await reader.ReadAsync(cancel).ConfigureAwait(false))
        {
            long number = reader.GetInt64(0) - 1;
            row.Key = asked[number].Key;
            found[number] = table.RowOf(row);
        }

        return found;
    }

    private sealed record Call(string Run, object[][] Keys, long Start, CancellationToken Cancel)
    {
        public TaskCompletionSource<object?[]> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
