namespace OrleansAlign.Core.Telemetry;

/// <summary>How a series behaves.</summary>
public enum MetricKind
{
    /// <summary>Only rises while a process lives.</summary>
    Counter,

    /// <summary>Spread of durations.</summary>
    Histogram,

    /// <summary>The value as it is now.</summary>
    Gauge,
}

/// <summary>One series that a host shows.</summary>
/// <param name="Name">Name of the instrument.</param>
/// <param name="Kind">How it behaves.</param>
/// <param name="Unit">Its unit (UCUM; in braces what is counted); null for a plain number.</param>
/// <param name="Labels">Names of its labels, in the order in which their values are given.</param>
/// <param name="Meaning">What it says.</param>
public sealed record MetricSeries(string Name, MetricKind Kind, string? Unit, IReadOnlyList<string> Labels, string Meaning);
