using OrleansAlign.Core.Telemetry;

namespace OrleansAlign.Tests;

/// <summary>The names under which Prometheus' exporter of OpenTelemetry shows the series.</summary>
internal static class PrometheusNames
{
    public static string PrometheusName(this MetricSeries series)
    {
        string name = series.Name.Replace('.', '_');
        if (series.Unit == AlignSeries.Seconds && !name.EndsWith("_seconds", StringComparison.Ordinal)) name += "_seconds";
        return series.Kind == MetricKind.Counter ? name + "_total" : name;
    }
}
