using OrleansAlign.Core.Telemetry;
using OrleansAlign.Tests;

namespace OrleansAlign.Core.Tests.Telemetry;

public sealed class MetricsPageTests
{
    [SourceFact]
    public void The_page_lists_exactly_the_series_that_there_are()
    {
        string[] rows = [.. File.ReadLines(Repository.At("docs", "metrics.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal))];

        Assert.Equal(AlignSeries.All.Select(RowOf), rows);
    }

    private static string RowOf(MetricSeries series) =>
        $"| `{series.PrometheusName()}` | {series.Kind.ToString().ToLowerInvariant()} | {string.Join(", ", series.Labels)} | {series.Meaning} |";
}
