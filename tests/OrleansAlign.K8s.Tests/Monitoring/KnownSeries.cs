using OrleansAlign.Core.Telemetry;
using OrleansAlign.Tests;

namespace OrleansAlign.K8s.Tests.Monitoring;

/// <summary>The series that Prometheus gets: this program's, the recorded ones, and the few of .NET that the dashboard shows.</summary>
internal static class KnownSeries
{
    /// <summary>Labels that every series has: Prometheus adds the instance.</summary>
    private static readonly string[] Everywhere = ["instance"];

    /// <summary>Of the meter System.Runtime, as .NET documents it (dotnet.process.memory.working_set, in bytes).</summary>
    private static readonly Dictionary<string, string[]> Runtime = new() { ["dotnet_process_memory_working_set_bytes"] = [] };

    /// <summary>Every series with its labels.</summary>
    public static IReadOnlyDictionary<string, HashSet<string>> All { get; } = Collect();

    private static Dictionary<string, HashSet<string>> Collect()
    {
        var all = new Dictionary<string, HashSet<string>>();
        foreach (MetricSeries series in AlignSeries.All)
        {
            if (series.Kind != MetricKind.Histogram) Add(series.PrometheusName(), series.Labels);
            else
            {
                Add(series.PrometheusName() + "_bucket", [.. series.Labels, "le"]);
                Add(series.PrometheusName() + "_sum", series.Labels);
                Add(series.PrometheusName() + "_count", series.Labels);
            }
        }

        foreach ((string name, string[] labels) in Runtime) Add(name, labels);
        // A recorded name begins with the labels that its aggregation keeps: align_slot:… has the label slot.
        foreach (string record in Rules.All.Where(r => r.Record is not null).Select(r => r.Record!)) Add(record, record.Split(':')[0].Split('_')[1..]);
        return all;

        void Add(string name, IEnumerable<string> labels) => all.Add(name, [.. labels, .. Everywhere]);
    }
}
