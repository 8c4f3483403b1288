using System.Text.Json.Nodes;
using OrleansAlign.Tests;

namespace OrleansAlign.K8s.Tests.Monitoring;

/// <summary>A rule of <c>rules.yaml</c>.</summary>
/// <param name="Record">Name that it records; null for an alert.</param>
/// <param name="Alert">Name of the alert; null for a record.</param>
/// <param name="Expr">Its expression.</param>
/// <param name="Severity">The alert's label severity; null for a record.</param>
/// <param name="Notes">The annotations.</param>
internal sealed record Rule(string? Record, string? Alert, string Expr, string? Severity, IReadOnlyDictionary<string, string> Notes);

/// <summary>The rules in the manifests.</summary>
internal static class Rules
{
    /// <summary>The file, as Prometheus reads it.</summary>
    public static string Path { get; } = Repository.At("k8s", "components", "monitoring", "rules.yaml");

    /// <summary>All rules, in order.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        .. Manifests.Load(Path).Single().List("groups").SelectMany(g => g.List("rules")).Select(r => new Rule(
            r["record"]?.ToString(), r["alert"]?.ToString(), r["expr"]!.ToString(), r.Strings("labels").GetValueOrDefault("severity"),
            r.Strings("annotations"))),
    ];

    /// <summary>The alert of a name.</summary>
    public static Rule Alert(string name) => All.Single(r => r.Alert == name);

    /// <summary>The operator's resource of the same rules.</summary>
    public static JsonObject Resource() => Manifests.Load(Repository.At("k8s", "components", "prometheus-operator", "rules.yaml")).Single();
}
