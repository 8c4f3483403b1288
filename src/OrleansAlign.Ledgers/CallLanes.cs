using System.Threading.Channels;

namespace OrleansAlign.Ledgers;

/// <summary>Does the work of many callers in batches, a few at a time: calls that arrive while all lanes are busy go into the next batch together.</summary>
/// <remarks>
/// A statement, or a commit, costs a database nearly the same for one row and for hundreds, and hundreds of tournaments bring a few each. No call waits for
/// a batch to fill: an idle lane takes the waiting calls at once.
/// </remarks>
internal sealed class CallLanes<TCall> : IAsyncDisposable
{
    private readonly Channel<TCall> calls = Channel.CreateUnbounded<TCall>();
    private readonly CancellationTokenSource closing = new();
    private readonly (int Items, long Bytes) most;
    private readonly Func<TCall, (int Items, long Bytes)> sizeOf;
    private readonly Func<List<TCall>, Task> work;
    private readonly Task[] lanes;

    /// <param name="lanes">Batches under way at once.</param>
    /// <param name="most">Limits of a batch; a larger call goes alone. If two lanes take calls at the same moment, a batch may exceed them by one call.</param>
    /// <param name="sizeOf">The size of a call.</param>
    /// <param name="work">Does a batch and completes its calls, with results or errors; it never throws.</param>
    public CallLanes(int lanes, (int Items, long Bytes) most, Func<TCall, (int Items, long Bytes)> sizeOf, Func<List<TCall>, Task> work)
    {
        (this.most, this.sizeOf, this.work) = (most, sizeOf, work);
        this.lanes = [.. Enumerable.Range(0, lanes).Select(_ => Task.Run(RunAsync))];
    }

    /// <summary>Cancelled as soon as the lanes are closed: batches must end without waiting any longer.</summary>
    public CancellationToken Closing => closing.Token;

    /// <summary>Adds a call.</summary>
    /// <exception cref="ObjectDisposedException">The lanes are closed.</exception>
    public void Add(TCall call) => ObjectDisposedException.ThrowIf(!calls.Writer.TryWrite(call), typeof(TableLedger));

    /// <summary>Does the calls that have been added, and accepts no more.</summary>
    public async ValueTask DisposeAsync()
    {
        calls.Writer.Complete();
        await closing.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(lanes).ConfigureAwait(false);
        closing.Dispose();
    }

    private async Task RunAsync()
    {
        while (await calls.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            List<TCall> batch = [];
            (int Items, long Bytes) size = default;
            while (calls.Reader.TryPeek(out TCall? next) && (batch.Count == 0 || Fits(size, sizeOf(next))) && calls.Reader.TryRead(out TCall? call))
            {
                (int items, long bytes) = sizeOf(call);
                size = (size.Items + items, size.Bytes + bytes);
                batch.Add(call);
            }

            if (batch.Count > 0) await work(batch).ConfigureAwait(false);
        }
    }

    private bool Fits((int Items, long Bytes) size, (int Items, long Bytes) next) =>
        size.Items + next.Items <= most.Items && size.Bytes + next.Bytes <= most.Bytes;
}
