namespace OrleansAlign.Ledgers;

/// <summary>Rows of one caller and one table, on their way into the database.</summary>
/// <param name="Run">The rows' run.</param>
/// <param name="Table">The rows' table.</param>
/// <param name="Rows">The rows' values, in the order of the table's columns.</param>
/// <param name="Bytes">Approximate size of the rows.</param>
/// <param name="Start">The moment that patience counts from.</param>
/// <param name="Cancel">The caller's cancellation token.</param>
internal sealed record AddCall(string Run, Table Table, IReadOnlyList<object?[]> Rows, long Bytes, long Start, CancellationToken Cancel)
{
    /// <summary>Completed after the commit; says for each row whether it is new.</summary>
    public TaskCompletionSource<bool[]> Committed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Adds rows for many callers: rows that arrive during a commit go into the next batch. A call completes when its rows are committed.</summary>
internal sealed class GroupCommit : IAsyncDisposable
{
    private readonly (int Rows, long Bytes) most;
    private readonly Patience? patience;
    private readonly Func<List<AddCall>, Task<bool[][]>> insert;
    private readonly Func<Exception, Patience?, Exception> explain;
    private readonly CallLanes<AddCall> lanes;

    /// <param name="lanes">Batches under way at once.</param>
    /// <param name="most">Limits of a batch; a call with more rows is divided, a row with more bytes goes alone.</param>
    /// <param name="patience">How long calls wait for a database that is away; null for a file, which is never away.</param>
    /// <param name="insert">Commits a batch in one transaction, and says for each row of each call whether it is new.</param>
    /// <param name="explain">The exception to throw instead of a failure; its message says in one line what is wrong and what to do. Takes the patience that
    /// ended, if it did.</param>
    public GroupCommit(
        int lanes, (int Rows, long Bytes) most, Patience? patience, Func<List<AddCall>, Task<bool[][]>> insert, Func<Exception, Patience?, Exception> explain)
    {
        (this.most, this.patience, this.insert, this.explain) = (most, patience, insert, explain);
        this.lanes = new CallLanes<AddCall>(lanes, most, call => (call.Rows.Count, call.Bytes), CommitAsync);
    }

    /// <summary>Adds rows of a run; returns once they are committed, and says for each whether it is new.</summary>
    /// <remarks>A cancelled call returns at once; each batch that has some of its rows is committed as a whole or not at all.</remarks>
    /// <exception cref="IOException">The database refused the rows, or was away for longer than patience lasts.</exception>
    public async Task<bool[]> AddAsync(string run, Table table, IReadOnlyList<object?[]> rows, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        long start = patience?.Now ?? 0;
        List<Task<bool[]>> parts = [];
        for (int from = 0; from < rows.Count;)
        {
            List<object?[]> part = new(Math.Min(most.Rows, rows.Count - from));
            long bytes = 0;
            for (; from < rows.Count && part.Count < most.Rows; from++)
            {
                long more = SizeOf(rows[from]);
                if (part.Count > 0 && bytes + more > most.Bytes) break;
                bytes += more;
                part.Add(rows[from]);
            }

            AddCall call = new(run, table, part, bytes, start, cancel);
            lanes.Add(call);
            parts.Add(call.Committed.Task);
        }

        bool[][] added = await Task.WhenAll(parts).WaitAsync(cancel).ConfigureAwait(false);
        return added.Length == 1 ? added[0] : [.. added.SelectMany(part => part)];
    }

    /// <summary>Commits the calls that have been added, without waiting any longer for a database that is away.</summary>
    public ValueTask DisposeAsync() => lanes.DisposeAsync();

    private static long SizeOf(object?[] row)
    {
        long bytes = 0;
        foreach (object? value in row) bytes += value is string text ? text.Length : value is byte[] blob ? blob.Length : sizeof(double);
        return bytes;
    }

    private async Task CommitAsync(List<AddCall> batch)
    {
        for (int attempt = 0; ; attempt++)
        {
            batch.RemoveAll(call => call.Cancel.IsCancellationRequested);
            if (batch.Count == 0) return;

            try
            {
                bool[][] added = await insert(batch).ConfigureAwait(false);
                for (int i = 0; i < added.Length; i++) batch[i].Committed.TrySetResult(added[i]);
                return;
            }
            catch (Exception error) when (patience is not null && PostgresFailure.IsPassing(error))
            {
                bool last = lanes.Closing.IsCancellationRequested;
                foreach (AddCall call in batch.Where(call => last || patience.IsOver(call.Start)))
                {
                    call.Committed.TrySetException(explain(error, last ? null : patience));
                }

                batch.RemoveAll(call => call.Committed.Task.IsCompleted);
                if (batch.Count > 0) await patience.WaitAsync(attempt, lanes.Closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception) when (batch.Count > 1)
            {
                // One caller's invalid row must not fail the other calls: each call is committed alone.
                foreach (AddCall call in batch) await CommitAsync([call]).ConfigureAwait(false);
                return;
            }
            catch (Exception error)
            {
                // The caller gets every exception, and the lane takes the next batch.
                batch[0].Committed.TrySetException(explain(error, null));
                return;
            }
        }
    }
}
