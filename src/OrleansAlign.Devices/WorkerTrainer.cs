using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Devices;

/// <summary>Runs each call of a trainer on a device's thread, with the device alone; between two calls the device does other work.</summary>
/// <param name="worker">The device's worker.</param>
/// <param name="inner">A trainer with an engine in this process; this instance disposes of it.</param>
public sealed class WorkerTrainer(DeviceWorker worker, ITrainer inner) : ITrainer, IAsyncDisposable
{
    /// <inheritdoc/>
    public Task OpenAsync(string policy, CancellationToken cancel) => RunAsync(stop => inner.OpenAsync(policy, stop), cancel);

    /// <inheritdoc/>
    public Task OpenStateAsync(string policy, string file, CancellationToken cancel) => RunAsync(stop => inner.OpenStateAsync(policy, file, stop), cancel);

    /// <inheritdoc/>
    public Task<StepReport> StepAsync(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel) =>
        worker.RunAsync(stop => inner.StepAsync(batch, objective, options, stop).GetAwaiter().GetResult(), cancel);

    /// <inheritdoc/>
    public Task<string> SaveStateAsync(string name, CancellationToken cancel) =>
        worker.RunAsync(stop => inner.SaveStateAsync(name, stop).GetAwaiter().GetResult(), cancel);

    /// <inheritdoc/>
    public Task<string> PublishAsync(CancellationToken cancel) => worker.RunAsync(stop => inner.PublishAsync(stop).GetAwaiter().GetResult(), cancel);

    /// <summary>Disposes of the trainer's engine on the device's thread, or after that thread has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (inner is not IDisposable disposable) return;
        try
        {
            await RunAsync(
                _ =>
                {
                    disposable.Dispose();
                    return Task.CompletedTask;
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (DeviceStoppingException)
        {
            await worker.Ended.ConfigureAwait(false);
            disposable.Dispose();
        }
    }

    private Task<bool> RunAsync(Func<CancellationToken, Task> call, CancellationToken cancel) => worker.RunAsync(
        stop =>
        {
            call(stop).GetAwaiter().GetResult();
            return true;
        },
        cancel);
}
