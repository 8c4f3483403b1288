namespace OrleansAlign.Core.Telemetry;

/// <summary>Figures of a device slot, read whenever metrics are collected.</summary>
public interface IDeviceFigures
{
    /// <summary>Work items that wait.</summary>
    int QueueLength { get; }

    /// <summary>Seconds worked since the start, by activity, the work under way included.</summary>
    IReadOnlyDictionary<string, double> BusySeconds { get; }

    /// <summary>Share of the time since the last call of this method (at first: since the start) without work, in [0, 1].</summary>
    double TakeIdleRatio();
}
