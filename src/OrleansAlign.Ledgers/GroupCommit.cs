using Npgsql;

namespace OrleansAlign.Ledgers;

/// <summary>Adds rows to one table for many callers: what comes in while a batch is being committed goes into the next, and each caller is told when his rows are.</summary>
internal sealed class GroupCommit<TRow> : IAsyncDisposable
{
    /// <summary>Most bytes of a batch, roughly; a row that is larger goes alone.</summary>
    private const int BatchBytes = 8 << 20;

    private readonly PostgresTable<TRow> table;
    private readonly string insert;
    private readonly PostgresDatabase database;
    private readonly Patience patience;
    private readonly int batchRows;
    private readonly CallLanes<Call> lanes;

    public GroupCommit(PostgresTable<TRow> table, PostgresDatabase database, Patience patience, PostgresLedgerOptions options)
    {
        (this.table, this.database, this.patience) = (table, database, patience);
        insert = table.Insert();
        batchRows = options.BatchRows;
        lanes = new CallLanes<Call>(options.Lanes, (batchRows, BatchBytes), call => (call.Rows.Count, call.Bytes), CommitAsync);
    }

    /// <summary>Adds rows of a run; returns once they are committed, and says which are new.</summary>
    /// <remarks>Cancelled, it returns at once; its rows may or may not be committed, whole parts of them.</remarks>
    /// <exception cref="IOException">The server refused them, or was away for longer than patience lasts.</exception>
    public async Task<IReadOnlyList<TRow>> AddAsync(string run, IReadOnlyList<TRow> rows, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        long start = patience.Now;
        List<Task<List<TRow>>> parts = [];
        for (int from = 0; from < rows.Count;)
        {
            var part = new List<Owned<TRow>>(Math.Min(batchRows, rows.Count - from));
            long bytes = 0;
            for (; from < rows.Count && part.Count < batchRows; from++)
            {
                long more = table.Weight(rows[from]);
                if (part.Count > 0 && bytes + more > BatchBytes) break;
                bytes += more;
                part.Add(new Owned<TRow>(run, rows[from]));
            }

            var call = new Call(part, bytes, start, cancel);
            lanes.Add(call);
            parts.Add(call.Committed.Task);
        }

        List<TRow>[] added = await Task.WhenAll(parts).WaitAsync(cancel).ConfigureAwait(false);
        return added.Length == 1 ? added[0] : [.. added.SelectMany(part => part)];
    }

    /// <summary>Commits what has been handed in, without waiting any longer for a server that is away.</summary>
    public ValueTask DisposeAsync() => lanes.DisposeAsync();

    private async Task CommitAsync(List<Call> batch)
    {
        for (int attempt = 0; ; attempt++)
        {
            batch.RemoveAll(call => call.Cancel.IsCancellationRequested);
            if (batch.Count == 0) return;

            try
            {
                HashSet<string> keys = await database.OnceAsync((connection, cancel) => InsertAsync(connection, batch, cancel), CancellationToken.None).ConfigureAwait(false);
                foreach (Call call in batch) call.Committed.TrySetResult([.. call.Rows.Where(row => keys.Remove(table.KeyOf(row))).Select(row => row.Row)]);
                return;
            }
            catch (Exception error) when (PostgresFailure.IsPassing(error))
            {
                bool last = lanes.Closing.IsCancellationRequested;
                foreach (Call call in batch.Where(call => last || patience.IsOver(call.Start)))
                {
                    call.Committed.TrySetException(Failed(error, last ? null : patience));
                }

                batch.RemoveAll(call => call.Committed.Task.IsCompleted);
                if (batch.Count > 0) await patience.WaitAsync(attempt, lanes.Closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception) when (batch.Count > 1)
            {
                // One caller's bad row is not the others' failure: each goes on alone.
                foreach (Call call in batch) await CommitAsync([call]).ConfigureAwait(false);
                return;
            }
            catch (Exception error)
            {
                // Whatever it is, it is the caller's to know, and the lane goes on.
                batch[0].Committed.TrySetException(PostgresFailure.IsOfServer(error) ? Failed(error, null) : error);
                return;
            }
        }
    }

    private IOException Failed(Exception error, Patience? waited) => new($"{database.Failed(error, waited)}; what was committed is kept", error);

    /// <summary>Commits a batch and returns the keys of the rows that are new.</summary>
    private async Task<HashSet<string>> InsertAsync(NpgsqlConnection connection, List<Call> batch, CancellationToken cancel)
    {
        List<Owned<TRow>> rows = batch.Count == 1 ? batch[0].Rows : [.. batch.SelectMany(call => call.Rows)];
        await using NpgsqlCommand command = new(insert, connection);
        command.Parameters.AddRange(table.Values(rows).ToArray());
        await command.PrepareAsync(cancel).ConfigureAwait(false);
        await using NpgsqlDataReader added = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        HashSet<string> keys = new(rows.Count, StringComparer.Ordinal);
        while (await added.ReadAsync(cancel).ConfigureAwait(false)) keys.Add(table.KeyOf(added));
        return keys;
    }

    private sealed record Call(List<Owned<TRow>> Rows, long Bytes, long Start, CancellationToken Cancel)
    {
        /// <summary>Completed with the rows that are new.</summary>
        public TaskCompletionSource<List<TRow>> Committed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
