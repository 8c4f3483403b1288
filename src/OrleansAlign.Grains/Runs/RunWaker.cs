using Microsoft.Extensions.Logging;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;

namespace OrleansAlign.Grains.Runs;

/// <summary>Activates the grains of all runs that are to go on: when this silo becomes active, and whenever another silo is declared dead.</summary>
/// <remarks>
/// A run has a reminder exactly while it is to go on, so the reminder table lists these runs in any kind of storage. The reminders alone would bring a run
/// back too, but up to a minute later. Waking a run that is active changes nothing, so every silo may do it.
/// </remarks>
internal sealed class RunWaker(
    IReminderTable reminders, IGrainFactory grains, ISiloStatusOracle silos, RemoteCalls calls, ILogger<RunWaker> log)
    : ILifecycleParticipant<ISiloLifecycle>, ISiloStatusListener, IDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private volatile bool isActive;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(RunWaker), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    /// <inheritdoc/>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (isActive && status == SiloStatus.Dead && !updatedSilo.Equals(silos.SiloAddress)) _ = Task.Run(WakeAsync);
    }

    /// <inheritdoc/>
    public void Dispose() => stopping.Dispose();

    private Task StartAsync(CancellationToken cancel)
    {
        silos.SubscribeToSiloStatusEvents(this);
        isActive = true;
        _ = Task.Run(WakeAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancel)
    {
        isActive = false;
        silos.UnSubscribeFromSiloStatusEvents(this);
        await stopping.CancelAsync().ConfigureAwait(false);
    }

    private async Task WakeAsync()
    {
        try
        {
            // ReadRows reads an arc of the hash ring; an arc that ends where it begins is the whole ring.
            ReminderTableData all = await calls.RunAsync("reminders.read", () => reminders.ReadRows(0, 0), stopping.Token).ConfigureAwait(false);
            IEnumerable<IRunGrain> runs = all.Reminders.Select(r => r.GrainId).Distinct().Select(grains.GetGrain<IRunGrain>);
            await Task.WhenAll(runs.Select(run => calls.RunAsync("run.wake", run.StatusAsync, stopping.Token))).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A run that is not woken here is woken by its reminder within a minute.
        catch (Exception error)
#pragma warning restore CA1031
        {
            if (isActive) log.Trouble("runs were not woken", error.Message);
        }
    }
}
