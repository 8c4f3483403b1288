using OrleansAlign.Core.Policies;

namespace OrleansAlign.Grains.Contracts.Remote;

/// <summary>The device slots of the cluster, cached for two seconds.</summary>
/// <param name="grains">The cluster's grains.</param>
/// <param name="time">Clock of the two seconds.</param>
public sealed class SlotDirectory(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private Task<IReadOnlyList<DeviceSlot>>? known;
    private long asked;

    /// <summary>The slots, by key.</summary>
    public Task<IReadOnlyList<DeviceSlot>> SlotsAsync()
    {
        lock (gate)
        {
            bool isOld = known is null || known.IsFaulted || known.IsCanceled || (known.IsCompleted && time.GetElapsedTime(asked) >= Freshness);
            if (isOld) (known, asked) = (grains.GetGrain<IDevicesGrain>(GrainKeys.Devices).SlotsAsync(), time.GetTimestamp());
            return known!;
        }
    }

    /// <summary>The slot that a key belongs to; after each failed attempt the next one of <see cref="SlotChoice.Rank"/>.</summary>
    /// <param name="key">The content that is worked on.</param>
    /// <param name="engine">The engine that the slot must have.</param>
    /// <param name="attempt">Attempts made before.</param>
    /// <exception cref="SlotBusyException">No slot has that engine at this moment.</exception>
    public async Task<DeviceSlot> ChooseAsync(string key, EngineKind engine, int attempt = 0)
    {
        IReadOnlyList<DeviceSlot> slots = await SlotsAsync().ConfigureAwait(false), ranked = SlotChoice.Rank(key, engine, slots);
        return ranked.Count > 0 ? ranked[attempt % ranked.Count] : throw new SlotBusyException(slots.Count == 0
            ? "no silo offers a device slot; start one with Align:Role device or both"
            : $"none of the {slots.Count} device slots has engine {engine.Name()}; start a silo whose Align:Devices has one that does");
    }
}
