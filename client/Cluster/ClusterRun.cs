using OrleansAlign.Core.Ports;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Client.Cluster;

/// <summary>A run that a cluster works on, as this client watches it.</summary>
/// <param name="row">The run as recorded.</param>
/// <param name="ledger">Its ledger.</param>
/// <param name="grain">Its grain.</param>
/// <param name="calls">Makes the calls.</param>
/// <param name="cluster">The cluster's name in messages.</param>
/// <param name="hint">The option by which other commands reach the cluster.</param>
internal sealed class ClusterRun(RunRow row, ILedgerReader ledger, IRunGrain grain, ClusterCalls calls, string cluster, string hint) : IHostedRun
{
    /// <summary>How long one call waits for events.</summary>
    private static readonly TimeSpan NewsWait = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public RunRow Row => row;

    /// <inheritdoc/>
    public string Place => $"on {cluster}";

    /// <inheritdoc/>
    public ILedgerReader Ledger => ledger;

    /// <inheritdoc/>
    public bool CanChat => false;

    /// <inheritdoc/>
    public string Interruption =>
        $"watched no longer; the run goes on. Watch it with: ./align watch {row.RunId}{hint}; end it with: ./align cancel {row.RunId}{hint}";

    /// <inheritdoc/>
    public string PlaceOf(string policy) => $"policies/{policy} of the cluster's storage";

    /// <inheritdoc/>
    public async Task<string> EndAsync(IProgress<RunEvent> progress, CancellationToken cancel)
    {
        for (long known = 0; ;)
        {
            RunNews news = await calls.AskAsync("run.watch", () => grain.WatchAsync(known, NewsWait), cancel).ConfigureAwait(false);
            foreach (RunEvent happened in news.Events) progress.Report(happened);
            known = news.Last;
            switch (news.Status)
            {
                case { Phase: RunPhase.Running }:
                    break;
                case { Phase: RunPhase.Finished, Policy: { } policy }:
                    return policy;
                case { Phase: RunPhase.Failed } failed:
                    throw new BadInputException(Standing(row.RunId, failed, hint));
                default:
                    throw new RunStoppedException(Standing(row.RunId, news.Status, hint));
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    /// <summary>A run's state in words, and how to go on.</summary>
    public static string Standing(string run, RunStatus status, string hint) => status.Phase switch
    {
        RunPhase.Running => "the cluster is working on it",
        RunPhase.Finished => $"the run is finished; see it with: ./align status {run}{hint}",
        RunPhase.Paused => $"the run is paused; go on with: ./align resume {run}{hint}",
        RunPhase.Cancelled => $"the run was cancelled; what was done is kept, go on after all with: ./align resume {run}{hint}",
        RunPhase.Failed => $"the run failed: {status.Problem}{Environment.NewLine}mend it, then go on with: ./align resume {run}{hint}",
        _ => $"the run does not go on; start it with: ./align resume {run}{hint}",
    };
}
