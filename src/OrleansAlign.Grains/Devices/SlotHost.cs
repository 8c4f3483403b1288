using Microsoft.Extensions.Logging;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Hosting;
using OrleansAlign.Hosting.Devices;

namespace OrleansAlign.Grains.Devices;

/// <summary>This silo's device slots: their workers, their announcements while the silo lives, and their drain when it stops.</summary>
internal sealed class SlotHost : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly ClusterOptions options;
    private readonly EngineCatalog engines;
    private readonly IPolicyStore store;
    private readonly AlignMetrics metrics;
    private readonly IGrainFactory grains;
    private readonly ILogger<SlotHost> log;
    private readonly Dictionary<string, Slot> slots;
    private readonly CancellationTokenSource stopping = new();
    private Task announcing = Task.CompletedTask;

    public SlotHost(ClusterOptions options, EngineCatalog engines, IPolicyStore store, AlignMetrics metrics, IGrainFactory grains, ILogger<SlotHost> log)
    {
        (this.options, this.engines, this.store, this.metrics, this.grains, this.log) = (options, engines, store, metrics, grains, log);
        slots = options.Devices.Select((device, i) => new Slot(GrainKeys.Slot(options.SiloName, i), device)).ToDictionary(s => s.Key);
    }

    /// <summary>The slots, as they are announced.</summary>
    public IReadOnlyList<DeviceSlot> Announced => [.. slots.Values.Select(s => new DeviceSlot(s.Key, options.SiloName, s.Device, EnginesOf(s.Device)))];

    /// <summary>The worker of a slot of this silo, for one kind of engine.</summary>
    /// <exception cref="InvalidDataException">That engine does not work there.</exception>
    public DeviceWorker Worker(string key, EngineKind engine)
    {
        Slot slot = slots.TryGetValue(key, out Slot? found) ? found : throw new InvalidDataException($"silo {options.SiloName} has no slot {key}; it has {string.Join(", ", slots.Keys)}");
        lock (slot.Workers)
        {
            if (slot.Workers.TryGetValue(engine, out DeviceWorker? worker)) return worker;
            if (stopping.IsCancellationRequested) throw new DeviceStoppingException($"device {key} is about to stop; ask another device");
            EngineChoice choice = Choice(engine, slot.Device);
            if (engines.Problem(choice) is { } problem) throw new InvalidDataException($"slot {key}: {problem}");
            string name = slot.Workers.Count == 0 ? key : $"{key}/{engine.Name()}";
            worker = new DeviceWorker(
                name, new PolicyCache(store, engines, choice), new DeviceOptions { QueueCapacity = options.QueueCapacity }, TimeProvider.System, metrics);
            slot.Workers[engine] = worker;
            slot.Shown.Add(metrics.Watch(name, worker));
            return worker;
        }
    }

    /// <summary>The slot that trains on this silo, for one kind of engine.</summary>
    /// <exception cref="InvalidDataException">No slot has that engine.</exception>
    public (DeviceWorker Worker, EngineChoice Choice) TrainingWorker(EngineKind engine)
    {
        Slot slot = slots.Values.FirstOrDefault(s => engines.Problem(Choice(engine, s.Device)) is null)
            ?? throw new InvalidDataException($"silo {options.SiloName}: no slot trains with engine {engine.Name()}: {engines.Problem(Choice(engine, slots.Values.First().Device))}");
        return (Worker(slot.Key, engine), Choice(engine, slot.Device));
    }

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle)
    {
        if (slots.Count == 0) return;
        lifecycle.Subscribe(nameof(SlotHost), ServiceLifecycleStage.Active, StartAsync, StopAsync);
    }

    /// <inheritdoc/>
    public void Dispose() => stopping.Dispose();

    private Task StartAsync(CancellationToken cancel)
    {
        announcing = Task.Run(AnnounceAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task AnnounceAsync()
    {
        IDevicesGrain devices = grains.GetGrain<IDevicesGrain>(GrainKeys.Devices);
        using var tick = new PeriodicTimer(DeviceSlot.Lease / 5);
        do
        {
            try
            {
                await devices.AnnounceAsync(Announced).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // The grain may lie on a silo that just went; it is said again at the next tick.
                log.NotAnnounced(options.SiloName, error.Message);
            }
        }
        while (await NextAsync(tick).ConfigureAwait(false));
    }

    private async Task<bool> NextAsync(PeriodicTimer tick)
    {
        try
        {
            return await tick.WaitForNextTickAsync(stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task StopAsync(CancellationToken cancel)
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await announcing.ConfigureAwait(false);
        try
        {
            await grains.GetGrain<IDevicesGrain>(GrainKeys.Devices).WithdrawAsync(options.SiloName).WaitAsync(TimeSpan.FromSeconds(2), cancel).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The lease ends by itself.
            log.NotAnnounced(options.SiloName, error.Message);
        }

        DeviceWorker[] workers;
        lock (slots) workers = [.. slots.Values.SelectMany(s => s.Workers.Values)];
        await Task.WhenAll(workers.Select(w => w.StopAsync(options.Drain))).ConfigureAwait(false);
        foreach (IDisposable shown in slots.Values.SelectMany(s => s.Shown)) shown.Dispose();
    }

    private EngineChoice Choice(EngineKind engine, string device) => new(engine, engine == EngineKind.Managed ? "cpu" : device, options.Threads);

    private IReadOnlyList<EngineKind> EnginesOf(string device) => [.. Enum.GetValues<EngineKind>().Where(kind => engines.Problem(Choice(kind, device)) is null)];

    private sealed record Slot(string Key, string Device)
    {
        public Dictionary<EngineKind, DeviceWorker> Workers { get; } = [];

        public List<IDisposable> Shown { get; } = [];
    }
}
