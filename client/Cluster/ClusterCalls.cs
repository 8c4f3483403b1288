using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;

namespace OrleansAlign.Client.Cluster;

/// <summary>A client's calls to its cluster. Calls are retried while silos come and go; a line on standard error says so when that takes long.</summary>
internal sealed class ClusterCalls
{
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(5);

    private readonly IGrainFactory grains;
    private readonly TimeProvider time;
    private long told;

    /// <summary>Calls through a connection.</summary>
    public ClusterCalls(IGrainFactory grains, TimeProvider time)
    {
        (this.grains, this.time, told) = (grains, time, time.GetTimestamp());
        Remote = new RemoteCalls(time, $"client {Environment.MachineName} {Environment.ProcessId}") { Retrying = Tell };
    }

    /// <summary>The retried calls, for ports over grains.</summary>
    public RemoteCalls Remote { get; }

    /// <summary>A run's ledger.</summary>
    public ILedgerReader Ledger(string run) => new RemoteLedger(grains, Remote, run);

    /// <summary>Asks a grain.</summary>
    /// <exception cref="BadInputException">The grain refuses; the message is the grain's.</exception>
    public async Task<T> AskAsync<T>(string what, Func<Task<T>> call, CancellationToken cancel)
    {
        try
        {
            return await Remote.RunAsync(what, call, cancel).ConfigureAwait(false);
        }
        catch (RunRefusedException refused)
        {
            throw new BadInputException(refused.Message);
        }
    }

    /// <inheritdoc cref="AskAsync{T}"/>
    public Task AskAsync(string what, Func<Task> call, CancellationToken cancel) => AskAsync(what, async () =>
    {
        await call().ConfigureAwait(false);
        return true;
    }, cancel);

    private void Tell(RetriedCall retried)
    {
        if (retried.Waited < LongWait || time.GetElapsedTime(Interlocked.Read(ref told)) < LongWait) return;
        Interlocked.Exchange(ref told, time.GetTimestamp());
        Console.Error.WriteLine($"align: waiting for {retried.Call} since {retried.Waited.TotalSeconds:F0} s: {retried.Error.Message}");
    }
}
