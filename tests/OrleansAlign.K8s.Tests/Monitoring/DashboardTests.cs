using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrleansAlign.Tests;

namespace OrleansAlign.K8s.Tests.Monitoring;

public sealed partial class DashboardTests
{
    /// <summary>Grafana's names of units, those used here.</summary>
    private static readonly string[] Units = ["short", "percentunit", "s", "ops", "bytes", "sci"];

    private static JsonObject Dashboard => (JsonObject)JsonNode.Parse(File.ReadAllText(Repository.At("k8s", "components", "monitoring", "dashboard.json")))!;

    private static IEnumerable<JsonObject> Panels => Dashboard.List("panels").Where(p => p["type"]!.ToString() != "row");

    [SourceFact]
    public void Every_panel_has_a_number_of_its_own_a_unit_and_a_description()
    {
        Assert.Distinct(Dashboard.List("panels").Select(p => p["id"]!.GetValue<int>()));
        Assert.Distinct(Panels.Select(p => p["title"]!.ToString()));
        Assert.All(Panels, p =>
        {
            Assert.Contains(p.At("fieldConfig", "defaults", "unit")!.ToString(), Units);
            Assert.EndsWith(".", p["description"]!.ToString(), StringComparison.Ordinal);
            Assert.NotEmpty(p.List("targets"));
            Assert.Distinct(p.List("targets").Select(t => t["refId"]!.ToString()));
        });
    }

    [SourceFact]
    public void Panels_lie_side_by_side_and_none_over_another()
    {
        var taken = new HashSet<(int X, int Y)>();
        foreach (JsonObject panel in Dashboard.List("panels"))
        {
            int x = Place("x"), y = Place("y"), w = Place("w"), h = Place("h");
            Assert.InRange(x + w, 1, 24);
            Assert.All(Enumerable.Range(0, w * h), i => Assert.True(taken.Add((x + (i % w), y + (i / w))), panel["title"]!.ToString()));

            int Place(string field) => panel.At("gridPos", field)!.GetValue<int>();
        }
    }

    [SourceFact]
    public void Panels_show_series_and_labels_that_exist() => Assert.All(Panels.SelectMany(p => p.List("targets")), target =>
    {
        Expression expression = Expression.Parse(target["expr"]!.ToString());
        Assert.NotEmpty(expression.Series);
        Assert.All(expression.Series, s => Assert.Contains(s, KnownSeries.All.Keys));
        HashSet<string> labels = [.. expression.Series.SelectMany(s => KnownSeries.All[s])];
        Assert.All(
            expression.Labels.Concat(Legend().Matches(target["legendFormat"]!.ToString()).Select(m => m.Groups[1].Value)), l => Assert.Contains(l, labels));
    });

    [SourceFact]
    public void What_people_look_for_is_shown()
    {
        HashSet<string> shown = [.. Panels.SelectMany(p => p.List("targets")).SelectMany(t => Expression.Parse(t["expr"]!.ToString()).Series)];
        HashSet<string> expected =
        [
            "align_loss", "align_win_rate", "align_rewards_margin", "align_length_chosen", "align_length_rejected", "align_judge_flip_rate",
            "align_judge_tie_rate", "align_judge_invalid_rate",
            "align_queue_length", "align_device_idle_ratio", "align_activity:device_busy:share5m", "align:tokens_generated:rate5m",
            "align:tokens_trained:rate5m",
            "align:matches:rate5m", "align_call:retries:rate5m", "align_call:failures:rate5m",
        ];

        Assert.Superset(expected, shown);
        // Lengths belong in the first row: responses that only grow show there before anywhere else.
        Assert.Equal(1, Panels.Single(p => p["title"]!.ToString() == "Lengths of chosen and rejected responses").At("gridPos", "y")!.GetValue<int>());
    }

    [SourceFact]
    public void Lines_stand_where_alerts_warn()
    {
        (string Title, string Alert)[] lines =
        [
            ("Queue length", "AlignQueueFull"), ("Flips", "AlignJudgeFlips"), ("Ties", "AlignJudgeTies"), ("Invalid verdicts", "AlignJudgeInvalid"),
        ];

        Assert.All(lines, line =>
        {
            JsonObject panel = Panels.Single(p => p["title"]!.ToString() == line.Title);
            string limit = panel.List("fieldConfig", "defaults", "thresholds", "steps").Last()["value"]!.ToString();
            Assert.EndsWith(" " + limit, Rules.Alert(line.Alert).Expr, StringComparison.Ordinal);
            Assert.Contains(line.Alert, panel["description"]!.ToString(), StringComparison.Ordinal);
        });
    }

    [SourceFact]
    public void Every_query_goes_to_the_chosen_source_and_every_variable_is_defined()
    {
        string[] variables = [.. Dashboard.List("templating", "list").Select(v => v["name"]!.ToString())];
        string[] used = [.. Variable().Matches(Dashboard.ToJsonString()).Select(m => m.Groups[1].Value)
            .Where(v => !v.StartsWith("__", StringComparison.Ordinal)).Distinct()];

        Assert.Equal(variables.Order(), used.Order());
        Assert.All(Panels.Concat(Panels.SelectMany(p => p.List("targets"))), p => Assert.Equal("${datasource}", p.At("datasource", "uid")!.ToString()));
    }

    /// <summary>promtool reads the expressions, each as a rule that records it.</summary>
    [PromtoolFact]
    public void Prometheus_accepts_the_queries()
    {
        string[] queries = [.. Panels.SelectMany(p => p.List("targets")).Select(
            t => t["expr"]!.ToString().Replace("$__rate_interval", "1m", StringComparison.Ordinal))];
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "groups:\n- name: dashboard\n  rules:\n"
                + string.Concat(queries.Select((q, i) => $"  - record: panel:{i}\n    expr: {JsonValue.Create(q).ToJsonString()}\n")));
            (int code, string output, string error) = Tool.Run("promtool", ["check", "rules", file]);
            Assert.True(code == 0, output + error);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Legend();

    [GeneratedRegex(@"\$\{?(\w+)\}?")]
    private static partial Regex Variable();
}
