using Npgsql;

namespace OrleansAlign.Ledgers;

/// <summary>Looks up keys for many callers: what is asked for while a query is under way goes into the next, and each caller gets what is his.</summary>
internal sealed class GroupLookUp<TKey, TValue> : IAsyncDisposable
    where TKey : notnull
{
    /// <summary>Most keys that one query asks for.</summary>
    private const int QueryKeys = 8192;

    private readonly PostgresDatabase database;
    private readonly Patience patience;
    private readonly string sql;
    private readonly Func<TKey, string>[] parts;
    private readonly Func<NpgsqlDataReader, TValue> read;
    private readonly CallLanes<Call> lanes;

    /// <param name="database">Where to look.</param>
    /// <param name="patience">How long a server that is away is waited for.</param>
    /// <param name="options">Number of lanes.</param>
    /// <param name="sql">The query: its parameters are columns as arrays, first the runs, then the keys' parts; each row of its result begins with the number of the key that was found, from 1.</param>
    /// <param name="parts">The parts of a key.</param>
    /// <param name="read">The value, from the columns after the first.</param>
    public GroupLookUp(PostgresDatabase database, Patience patience, PostgresLedgerOptions options, string sql, Func<TKey, string>[] parts, Func<NpgsqlDataReader, TValue> read)
    {
        (this.database, this.patience, this.sql, this.parts, this.read) = (database, patience, sql, parts, read);
        lanes = new CallLanes<Call>(options.Lanes, (QueryKeys, long.MaxValue), call => (call.Keys.Length, 0), AnswerAsync);
    }

    /// <summary>Those of a run's keys that are there.</summary>
    /// <exception cref="IOException">The server refused the query, or was away for longer than patience lasts.</exception>
    public async Task<IReadOnlyDictionary<TKey, TValue>> FindAsync(string run, IReadOnlyCollection<TKey> keys, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        List<Task<Dictionary<TKey, TValue>>> pieces = [];
        foreach (TKey[] some in keys.Chunk(QueryKeys))
        {
            var call = new Call(run, some, patience.Now, cancel);
            lanes.Add(call);
            pieces.Add(call.Found.Task);
        }

        Dictionary<TKey, TValue>[] found = await Task.WhenAll(pieces).WaitAsync(cancel).ConfigureAwait(false);
        return found.Length == 1 ? found[0] : found.SelectMany(piece => piece).ToDictionary();
    }

    /// <summary>Ends what is under way.</summary>
    public ValueTask DisposeAsync() => lanes.DisposeAsync();

    private async Task AnswerAsync(List<Call> batch)
    {
        batch.RemoveAll(call => call.Cancel.IsCancellationRequested);
        if (batch.Count == 0) return;
        try
        {
            (Call Call, TKey Key)[] asked = [.. batch.SelectMany(call => call.Keys.Select(key => (call, key)))];
            Dictionary<Call, Dictionary<TKey, TValue>> found = batch.ToDictionary(call => call, _ => new Dictionary<TKey, TValue>());
            foreach ((long number, TValue value) in await database.TryAsync((connection, cancel) => QueryAsync(connection, asked, cancel), patience, batch.Min(call => call.Start), lanes.Closing).ConfigureAwait(false))
            {
                (Call call, TKey key) = asked[number - 1];
                found[call][key] = value;
            }

            foreach ((Call call, Dictionary<TKey, TValue> answer) in found) call.Found.TrySetResult(answer);
        }
        catch (Exception) when (batch.Count > 1 && !lanes.Closing.IsCancellationRequested)
        {
            // What is wrong with one caller's rows, or his patience, is not the others' affair: each goes on alone.
            foreach (Call call in batch) await AnswerAsync([call]).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is, it is the callers' to know, and the lane goes on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            foreach (Call call in batch) call.Found.TrySetException(lanes.Closing.IsCancellationRequested ? new ObjectDisposedException(nameof(PostgresLedgers)) : error);
        }
    }

    private async Task<List<(long Number, TValue Value)>> QueryAsync(NpgsqlConnection connection, (Call Call, TKey Key)[] asked, CancellationToken cancel)
    {
        // Not prepared: a plan that was made while a table was small would be kept while it grows.
        await using NpgsqlCommand command = new(sql, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = Array.ConvertAll(asked, a => PostgresText.Write(a.Call.Run)) });
        foreach (Func<TKey, string> part in parts) command.Parameters.Add(new NpgsqlParameter { Value = Array.ConvertAll(asked, a => PostgresText.Write(part(a.Key))) });
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        List<(long, TValue)> all = [];
        while (await rows.ReadAsync(cancel).ConfigureAwait(false)) all.Add((rows.GetInt64(0), read(rows)));
        return all;
    }

    private sealed class Call(string run, TKey[] keys, long start, CancellationToken cancel)
    {
        public string Run => run;

        public TKey[] Keys => keys;

        public long Start => start;

        public CancellationToken Cancel => cancel;

        public TaskCompletionSource<Dictionary<TKey, TValue>> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
