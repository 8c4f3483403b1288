using OrleansAlign.Core.Policies;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Grains.Contracts.Remote;

/// <summary>Which slot works on what: rendezvous hashing, so that the same content meets itself on one slot, and a slot that comes or goes moves only what is its own.</summary>
/// <remarks>Thaler and Ravishankar, "Using name-based mappings to increase hit rates" (1998).</remarks>
public static class SlotChoice
{
    /// <summary>The slots that have an engine, the one that a key belongs to first, then the one that would have it if the first were gone, and so on.</summary>
    public static IReadOnlyList<DeviceSlot> Rank(string key, EngineKind engine, IEnumerable<DeviceSlot> slots) => [.. slots
        .Where(s => s.Engines.Contains(engine))
        .OrderByDescending(s => CounterRandom.Derive(CounterRandom.Derive(0, s.Key), key))
        .ThenBy(s => s.Key, StringComparer.Ordinal)];
}
