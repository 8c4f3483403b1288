using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;
using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Grains.Devices;

/// <summary>Places a grain on silos that have device slots; a grain whose key names a slot only on that slot's silo.</summary>
/// <remarks>
/// Orleans' own filters compare a silo's metadata with the caller's. That does not work here: clients have no metadata, and a prompt's grain may be on a silo
/// without devices.
/// </remarks>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnDeviceSiloAttribute() : PlacementFilterAttribute(new SlotPlacementStrategy());

/// <summary>The strategy behind <see cref="OnDeviceSiloAttribute"/>.</summary>
public sealed class SlotPlacementStrategy() : PlacementFilterStrategy(0);

/// <summary>Filters silos by their metadata.</summary>
internal sealed class SlotPlacementDirector(ISiloMetadataCache metadata) : IPlacementFilterDirector
{
    /// <summary>Metadata keys: the silo's name, and whether it has slots.</summary>
    public const string SiloName = "align.silo", HasDevices = "align.devices";

    private const string SlotPrefix = "slot/";

    /// <inheritdoc/>
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        string key = target.GrainIdentity.Key.ToString()!;
        return key.StartsWith(SlotPrefix, StringComparison.Ordinal)
            ? silos.Where(silo => Value(silo, SiloName) == GrainKeys.SiloOf(key))
            : silos.Where(silo => Value(silo, HasDevices) == "true");
    }

    private string? Value(SiloAddress silo, string key) => metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(key);
}
