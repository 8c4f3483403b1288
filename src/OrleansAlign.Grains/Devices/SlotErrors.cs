using OrleansAlign.Grains.Contracts;
using OrleansAlign.Devices;

namespace OrleansAlign.Grains.Devices;

/// <summary>Translates a device worker's exceptions into those of the grain contracts, which callers on other silos can deserialize.</summary>
internal static class SlotErrors
{
    /// <summary>Makes the call.</summary>
    /// <exception cref="SlotBusyException">The slot is full or about to stop.</exception>
    public static async Task<T> Translate<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception error) when (error is DeviceBusyException or DeviceStoppingException)
        {
            throw new SlotBusyException(error.Message);
        }
    }
}
