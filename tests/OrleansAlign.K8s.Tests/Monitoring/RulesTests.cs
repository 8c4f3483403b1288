using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrleansAlign.Core.Judging;
using OrleansAlign.Tests;

namespace OrleansAlign.K8s.Tests.Monitoring;

public sealed partial class RulesTests
{
    [SourceFact]
    public void Rules_speak_of_series_and_labels_that_exist()
    {
        Assert.True(Rules.All.Count > 20);
        Assert.All(Rules.All, rule =>
        {
            Expression expression = Expression.Parse(rule.Expr);
            Assert.NotEmpty(expression.Series);
            Assert.All(expression.Series, s => Assert.Contains(s, KnownSeries.All.Keys));
            HashSet<string> labels = [.. expression.Series.SelectMany(s => KnownSeries.All[s])];
            Assert.All(expression.Labels.Concat(rule.Notes.Values.SelectMany(LabelsOf)), l => Assert.Contains(l, labels));
        });
    }

    [SourceFact]
    public void Everything_that_can_go_wrong_has_an_alert_that_says_what_and_what_to_do()
    {
        string[] expected =
        [
            "AlignNoDevices", "AlignQueueFull", "AlignDevicesIdle", "AlignCallsFail", "AlignCallsRetried", "AlignNoProgress", "AlignLossNotFinite",
            "AlignRewardsDoNotSeparate",
            "AlignLengthsRunAway", "AlignJudgeFlips", "AlignJudgeTies", "AlignJudgeInvalid",
        ];

        Assert.Equal(expected, Rules.All.Select(r => r.Alert).OfType<string>());
        Assert.All(Rules.All.Where(r => r.Alert is not null), r =>
        {
            Assert.Contains(r.Severity, new[] { "info", "warning", "critical" });
            Assert.True(r.Notes["summary"].Length > 10 && r.Notes["description"].Length > 20, r.Alert);
        });
    }

    [SourceFact]
    public void Recorded_names_say_their_labels_and_how_they_were_made() => Assert.All(Rules.All.Where(r => r.Record is not null), r =>
    {
        Assert.Matches("^align(_(activity|slot|outcome|call))?:[a-z_]+:(rate|share|ratio|p99_)[0-9]+m$", r.Record!);
        string[] labels = [.. Expression.Parse(r.Expr).Labels.Where(l => l != "le").Distinct()];
        Assert.Equal(labels, r.Record!.Split(':')[0].Split('_')[1..]);
    });

    [SourceFact]
    public void The_judges_limits_are_those_that_a_run_reports_on()
    {
        Assert.Equal(JudgeHealth.FlipLimit, Limit("AlignJudgeFlips"));
        Assert.Equal(JudgeHealth.TieLimit, Limit("AlignJudgeTies"));
        Assert.Equal(JudgeHealth.InvalidLimit, Limit("AlignJudgeInvalid"));
    }

    [SourceFact]
    public void A_queue_is_full_at_nine_tenths_of_what_silos_are_told()
    {
        string text = File.ReadAllText(Repository.At("k8s", "base", "kustomization.yaml"));
        double capacity = double.Parse(Capacity().Match(text).Groups[1].Value, CultureInfo.InvariantCulture);

        Assert.Equal(Math.Floor(0.9 * capacity), Limit("AlignQueueFull"));
    }

    [SourceFact]
    public void The_operators_resource_holds_the_same_rules() =>
        Assert.True(JsonNode.DeepEquals(Manifests.Load(Rules.Path).Single(), Rules.Resource()["spec"]),
            "k8s/components/prometheus-operator/rules.yaml differs; its first lines say how to make it anew");

    [PromtoolFact]
    public void Prometheus_accepts_the_rules()
    {
        (int code, string output, string error) = Tool.Run("promtool", ["check", "rules", Rules.Path]);

        Assert.True(code == 0, output + error);
        Assert.Contains($"{Rules.All.Count} rules found", output, StringComparison.Ordinal);
    }

    [PromtoolFact]
    public void Alerts_fire_when_they_should_and_only_then()
    {
        (int code, string output, string error) = Tool.Run("promtool", ["test", "rules", Repository.At("tests", "OrleansAlign.K8s.Tests", "rules.test.yaml")]);

        Assert.True(code == 0, output + error);
        Assert.Contains("SUCCESS", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sum by (call) (rate(align_a_total{run=~\"x|y\", slot=\"align_b\"}[5m] offset 10m)) / on () group_left () (align:c:rate5m > 0)",
        "align_a_total align:c:rate5m", "run slot call")]
    [InlineData("histogram_quantile(0.99, sum by (le) (rate(d_bucket[$__rate_interval])))", "d_bucket", "le")]
    [InlineData("e != e or abs(e) == +Inf unless f offset 1h", "e f", "")]
    public void Names_of_series_and_labels_are_found_in_expressions(string text, string series, string labels)
    {
        Expression expression = Expression.Parse(text);

        Assert.Equal(series, string.Join(' ', expression.Series));
        Assert.Equal(labels, string.Join(' ', expression.Labels));
    }

    internal static IEnumerable<string> LabelsOf(string text) => Label().Matches(text).Select(m => m.Groups[1].Value);

    private static double Limit(string alert) => double.Parse(Number().Match(Rules.Alert(alert).Expr).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\$labels\.(\w+)")]
    private static partial Regex Label();

    [GeneratedRegex(@">=? ([0-9.]+)$")]
    private static partial Regex Number();

    [GeneratedRegex(@"ALIGN__QUEUECAPACITY=([0-9]+)")]
    private static partial Regex Capacity();
}
