namespace OrleansAlign.Devices;

/// <summary>Measures how long a device spends on each activity.</summary>
internal sealed class BusyClock(TimeProvider time)
{
    private static readonly string[] Labels = [.. Enum.GetNames<DeviceActivity>().Select(name => name.ToLowerInvariant())];

    private readonly Lock gate = new();
    private readonly long[] busy = new long[Labels.Length];
    private DeviceActivity? current;
    private long began, lookedAt = time.GetTimestamp(), busyThen;

    /// <summary>Seconds by activity since the start, the one under way included.</summary>
    public IReadOnlyDictionary<string, double> Seconds
    {
        get
        {
            lock (gate)
            {
                Settle();
                Dictionary<string, double> seconds = [];
                for (int i = 0; i < busy.Length; i++) seconds[Labels[i]] = (double)busy[i] / time.TimestampFrequency;
                return seconds;
            }
        }
    }

    /// <summary>Sets the activity from now on; null while the device is idle.</summary>
    public void Turn(DeviceActivity? activity)
    {
        lock (gate)
        {
            Settle();
            current = activity;
        }
    }

    /// <summary>Share of the time since the last call of this method in which the device was idle, in [0, 1].</summary>
    public double TakeIdleRatio()
    {
        lock (gate)
        {
            Settle();
            long passed = began - lookedAt, worked = busy.Sum() - busyThen;
            (lookedAt, busyThen) = (began, busyThen + worked);
            return passed > 0 ? Math.Clamp(1 - ((double)worked / passed), 0, 1) : current is null ? 1 : 0;
        }
    }

    private void Settle()
    {
        long now = time.GetTimestamp();
        if (current is { } activity) busy[(int)activity] += now - began;
        began = now;
    }
}
