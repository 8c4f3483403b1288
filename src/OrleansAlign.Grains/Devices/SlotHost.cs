using Microsoft.Extensions.Logging;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Hosting;
using OrleansAlign.Devices;

namespace OrleansAlign.Grains.Devices;

/// <summary>This silo's device slots: their workers, their announcements while the silo lives, and their drain when it stops.</summary>
internal sealed class SlotHost : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly GrainHostOptions options;
    private readonly EngineCatalog engines;
    private readonly IPolicyStore store;
    private readonly AlignMetrics metrics;
    private readonly IGrainFactory grains;
    private readonly TimeProvider time;
    private readonly ILogger<SlotHost> log;
    private readonly Dictionary<string, Slot> slots;
    private readonly CancellationTokenSource stopping = new();
    private Task announcing = Task.CompletedTask;

    public SlotHost(
        GrainHostOptions options, EngineCatalog engines, IPolicyStore store, AlignMetrics metrics, IGrainFactory grains, TimeProvider time,
        ILogger<SlotHost> log)
    {
        (this.options, this.engines, this.store, this.metrics, this.grains, this.time, this.log) = (options, engines, store, metrics, grains, time, log);
        slots = options.Devices.Select((device, i) => NewSlot(GrainKeys.Slot(options.SiloName, i), device)).ToDictionary(s => s.Key);
    }

    /// <summary>The slots, as they are announced.</summary>
    public IReadOnlyList<DeviceSlot> Announced => [.. slots.Values.Select(s => new DeviceSlot(s.Key, options.SiloName, s.Device, EnginesOf(s)))];

    /// <summary>The worker of a slot of this silo.</summary>
    /// <exception cref="InvalidDataException">The silo has no such slot.</exception>
    public DeviceWorker Worker(string key) => slots.TryGetValue(key, out Slot? slot)
        ? slot.Worker.Value
        : throw new InvalidDataException($"silo {options.SiloName} has no slot {key}; it has {string.Join(", ", slots.Keys)}");

    /// <summary>The slot that trains on this silo, for one kind of engine.</summary>
    /// <exception cref="InvalidDataException">No slot has that engine.</exception>
    public (DeviceWorker Worker, EngineChoice Choice) TrainingWorker(EngineKind engine)
    {
        if (slots.Values.FirstOrDefault(s => EnginesOf(s).Contains(engine)) is { } slot) return (slot.Worker.Value, slot.Policies.ChoiceOf(engine));
        string? problem = engines.Problem(slots.Values.First().Policies.ChoiceOf(engine));
        throw new InvalidDataException($"silo {options.SiloName}: no slot trains with engine {engine.Name()}: {problem}");
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
        using var tick = new PeriodicTimer(DeviceSlot.Lease / 5, time);
        do
        {
            try
            {
                await devices.AnnounceAsync(Announced).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // The grain may have been on a silo that was just lost; the next tick announces the slots again.
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
            IDevicesGrain devices = grains.GetGrain<IDevicesGrain>(GrainKeys.Devices);
            await devices.WithdrawAsync(options.SiloName).WaitAsync(TimeSpan.FromSeconds(2), cancel).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Not withdrawn, the slots disappear when their lease ends.
            log.NotAnnounced(options.SiloName, error.Message);
        }

        Slot[] working = [.. slots.Values.Where(s => s.Worker.IsValueCreated)];
        await Task.WhenAll(working.Select(s => s.Worker.Value.StopAsync(options.Drain))).ConfigureAwait(false);
        foreach (Slot slot in working) slot.Shown?.Dispose();
    }

    private Slot NewSlot(string key, string device)
    {
        var policies = new DevicePolicies(store, engines, device, options.Threads);
        Slot slot = null!;
        slot = new Slot(key, device, policies, new Lazy<DeviceWorker>(() =>
        {
            var worker = new DeviceWorker(key, policies, new DeviceOptions { QueueCapacity = options.QueueCapacity }, time, metrics);
            slot.Shown = metrics.Watch(key, worker);
            return worker;
        }));
        return slot;
    }

    private IReadOnlyList<EngineKind> EnginesOf(Slot slot) =>
        [.. Enum.GetValues<EngineKind>().Where(kind => engines.Problem(slot.Policies.ChoiceOf(kind)) is null)];

    private sealed record Slot(string Key, string Device, DevicePolicies Policies, Lazy<DeviceWorker> Worker)
    {
        public IDisposable? Shown { get; set; }
    }
}
