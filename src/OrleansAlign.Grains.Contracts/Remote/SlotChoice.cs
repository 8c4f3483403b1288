using OrleansAlign.Core.Policies;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Grains.Contracts.Remote;

/// <summary>
/// Chooses the slot for a piece of work by rendezvous hashing: equal content goes to one slot, and when a slot comes or goes, only the content that belongs to
/// that slot moves.
/// </summary>
/// <remarks>Thaler and Ravishankar, "Using name-based mappings to increase hit rates" (1998).</remarks>
public static class SlotChoice
{
    /// <summary>The slots that have an engine: first the slot that a key belongs to, then the slot that it belongs to without the first, and so on.</summary>
    public static IReadOnlyList<DeviceSlot> Rank(string key, EngineKind engine, IEnumerable<DeviceSlot> slots) => [.. slots
        .Where(s => s.Engines.Contains(engine))
        .OrderByDescending(s => CounterRandom.Derive(CounterRandom.Derive(0, s.Key), key))
        .ThenBy(s => s.Key, StringComparer.Ordinal)];
}
