using Orleans.Concurrency;
using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Grains.Devices;

/// <summary>Keeps the announced slots in memory only: if its silo is lost, every silo announces its slots again within a few seconds.</summary>
[Reentrant, KeepAlive]
internal sealed class DevicesGrain(TimeProvider time) : Grain, IDevicesGrain
{
    private readonly SortedDictionary<string, (DeviceSlot Slot, long Announced)> slots = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task AnnounceAsync(IReadOnlyList<DeviceSlot> announced)
    {
        foreach (DeviceSlot slot in announced) slots[slot.Key] = (slot, time.GetTimestamp());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task WithdrawAsync(string silo)
    {
        foreach (string key in slots.Values.Where(s => s.Slot.Silo == silo).Select(s => s.Slot.Key).ToArray()) slots.Remove(key);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeviceSlot>> SlotsAsync()
    {
        string[] ended = [.. slots.Where(s => time.GetElapsedTime(s.Value.Announced) > DeviceSlot.Lease).Select(s => s.Key)];
        foreach (string key in ended) slots.Remove(key);
        return Task.FromResult<IReadOnlyList<DeviceSlot>>([.. slots.Values.Select(s => s.Slot)]);
    }
}
