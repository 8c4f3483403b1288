namespace OrleansAlign.Ledgers;

/// <summary>Rows of one caller and one table, on their way into the database.</summary>
/// <param name="run">The run that they belong to.</param>
/// <param name="table">Their table.</param>
/// <param name="rows">Their values, in the order of the table's columns.</param>
/// <param name="bytes">Roughly their size.</param>
/// <param name="start">The moment that patience counts from.</param>
/// <param name="cancel">Cancelled once the caller has left.</param>
internal sealed class AddCall(string run, Table table, IReadOnlyList<object?[]> rows, long bytes, long start, CancellationToken cancel)
{
    public string Run => run;

    public Table Table => table;

    public IReadOnlyList<object?[]> Rows => rows;

    public long Bytes => bytes;

    public long Start => start;

    public CancellationToken Cancel => cancel;

    /// <summary>Completed, after the commit, with which of the rows are new.</summary>
    public TaskCompletionSource<bool[]> Committed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What a database tells of its failures.</summary>
internal interface IFailures
{
    /// <summary>Whether the same statement may succeed a little later.</summary>
    bool IsPassing(Exception error);

    /// <summary>What to throw instead: one line that says what is wrong and what to do.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="waited">The patience that ended, if it did.</param>
    Exception Explain(Exception error, Patience? waited);
}

/// <summary>Adds rows for many callers: what comes in while a batch is being committed goes into the next, and each caller is told when its rows are.</summary>
internal sealed class GroupCommit : IAsyncDisposable
{
    private readonly (int Rows, long Bytes) most;
    private readonly Patience? patience;
    private readonly Func<List<AddCall>, Task<bool[][]>> insert;
    private readonly IFailures failures;
    private readonly CallLanes<AddCall> lanes;

    /// <param name="lanes">Batches under way at once.</param>
    /// <param name="most">The most of a batch; calls with more rows are divided, a row with more bytes goes alone.</param>
    /// <param name="patience">How long a database that is away is waited for; null for one that cannot be.</param>
    /// <param name="insert">Commits a batch in one transaction, and says for each row of each call whether it is new.</param>
    /// <param name="failures">What failures mean.</param>
    public GroupCommit(int lanes, (int Rows, long Bytes) most, Patience? patience, Func<List<AddCall>, Task<bool[][]>> insert, IFailures failures)
    {
        (this.most, this.patience, this.insert, this.failures) = (most, patience, insert, failures);
        this.lanes = new CallLanes<AddCall>(lanes, most, call => (call.Rows.Count, call.Bytes), CommitAsync);
    }

    /// <summary>Adds rows of a run; returns once they are committed, and says for each whether it is new.</summary>
    /// <remarks>Cancelled, it returns at once; its rows may or may not be committed, whole parts of them.</remarks>
    /// <exception cref="IOException">The database refused them, or was away for longer than patience lasts.</exception>
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

    /// <summary>Commits what has been handed in, without waiting any longer for a database that is away.</summary>
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
            catch (Exception error) when (patience is not null && failures.IsPassing(error))
            {
                bool last = lanes.Closing.IsCancellationRequested;
                foreach (AddCall call in batch.Where(call => last || patience.IsOver(call.Start)))
                {
                    call.Committed.TrySetException(failures.Explain(error, last ? null : patience));
                }

                batch.RemoveAll(call => call.Committed.Task.IsCompleted);
                if (batch.Count > 0) await patience.WaitAsync(attempt, lanes.Closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception) when (batch.Count > 1)
            {
                // One caller's bad row is not the others' failure: each goes on alone.
                foreach (AddCall call in batch) await CommitAsync([call]).ConfigureAwait(false);
                return;
            }
            catch (Exception error)
            {
                // Whatever it is, it is the caller's to know, and the lane goes on.
                batch[0].Committed.TrySetException(failures.Explain(error, null));
                return;
            }
        }
    }
}
