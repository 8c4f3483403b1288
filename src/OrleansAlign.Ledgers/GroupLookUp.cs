using Npgsql;

namespace OrleansAlign.Ledgers;

/// <summary>Looks up keys of one table for many callers: what is asked for while a query is under way goes into the next, each caller gets its own.</summary>
internal sealed class GroupLookUp : IAsyncDisposable
{
    /// <summary>Most keys that one query asks for.</summary>
    private const int QueryKeys = 8192;

    private readonly Table table;
    private readonly string sql;
    private readonly PostgresDatabase database;
    private readonly Patience patience;
    private readonly CallLanes<Call> lanes;

    /// <param name="table">Where to look.</param>
    /// <param name="database">The table's database.</param>
    /// <param name="patience">How long a server that is away is waited for.</param>
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

    /// <summary>Ends what is under way.</summary>
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
            // What is wrong with one caller's rows, or its patience, does not concern the others: each goes on alone.
            foreach (Call call in batch) await AnswerAsync([call]).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is, it is the callers' to know, and the lane goes on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Exception told = lanes.Closing.IsCancellationRequested ? new ObjectDisposedException(nameof(TableLedger)) : error;
            foreach (Call call in batch) call.Found.TrySetException(told);
        }
    }

    private async Task<object?[]> QueryAsync(NpgsqlConnection connection, (string Run, object[] Key)[] asked, CancellationToken cancel)
    {
        // Not prepared: a plan that was made while a table was small would be kept while it grows.
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

    private sealed class Call(string run, object[][] keys, long start, CancellationToken cancel)
    {
        public string Run => run;

        public object[][] Keys => keys;

        public long Start => start;

        public CancellationToken Cancel => cancel;

        public TaskCompletionSource<object?[]> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
