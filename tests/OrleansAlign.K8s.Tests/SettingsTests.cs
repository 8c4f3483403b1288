using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrleansAlign.Tests;

namespace OrleansAlign.K8s.Tests;

/// <summary>The settings that manifests give to silos and the client: known keys, with values of a form that the silo reads.</summary>
public sealed partial class SettingsTests
{
    private const string Prefix = "ALIGN__";

    public static TheoryData<string> Names => [.. Rendered.Names];

    [KubectlTheory, MemberData(nameof(Names))]
    public void Every_variable_is_a_key_of_the_silo(string name)
    {
        HashSet<string> keys = [.. Keys().Select(k => Prefix + k.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant())];
        Assert.True(keys.Count > 15, $"only {keys.Count} keys were found in the silo's sources");
        foreach (JsonObject workload in Rendered.Workloads(name))
        {
            string[] ours = [.. Environment(name, workload).Keys.Where(k => k.StartsWith(Prefix, StringComparison.Ordinal)).Select(
                k => Numbered().Replace(k, ""))];
            Assert.All(ours, v => Assert.Contains(v, keys));
            Assert.Equal(workload.Name() is "align-coordinator" or "align-device", ours.Length > 0);
        }
    }

    [KubectlTheory, MemberData(nameof(Names))]
    public void Silos_are_told_what_they_cannot_know(string name)
    {
        foreach (JsonObject workload in Silos(name))
        {
            Dictionary<string, string> told = Environment(name, workload);
            Assert.Superset(new HashSet<string> { "ALIGN__DATABASE", "ALIGN__STORAGE", "ALIGN__TOKEN", "ALIGN__SILONAME", "ALIGN__ADVERTISE", "ALIGN__ROLE" },
                told.Keys.ToHashSet());
            Assert.Equal("field status.podIP", told["ALIGN__ADVERTISE"]);
            Assert.Equal("field metadata.name", told["ALIGN__SILONAME"]);
            Assert.Equal("secret align-database/connection", told["ALIGN__DATABASE"]);
            Assert.Equal("secret align-token/token", told["ALIGN__TOKEN"]);
            Assert.Equal("postgres", told["ALIGN__CLUSTERING"]);
            Assert.Equal("0.0.0.0", told["ALIGN__LISTEN"]);
            Assert.Equal(workload.Name(), "align-" + told["ALIGN__ROLE"]);
            // A coordinator with devices is refused, and one without a gateway would be of no use.
            Assert.Equal(told["ALIGN__ROLE"] == "device", told.ContainsKey("ALIGN__DEVICES__0"));
            Assert.Equal(told["ALIGN__ROLE"] == "coordinator", told.ContainsKey("ALIGN__GATEWAYPORT"));
            Assert.Contains(
                workload.Containers().Single().List("volumeMounts"), m => m["mountPath"]!.ToString() == told["ALIGN__STORAGE"] && m["readOnly"] is null);
        }
    }

    [KubectlTheory, MemberData(nameof(Names))]
    public void Ports_are_those_that_the_silo_is_told(string name)
    {
        foreach (JsonObject workload in Silos(name))
        {
            Dictionary<string, string> told = Environment(name, workload);
            Dictionary<string, string> ports = workload.Containers().Single().List("ports").ToDictionary(
                p => p["name"]!.ToString(), p => p["containerPort"]!.ToString());
            Assert.Equal(told["ALIGN__SILOPORT"], ports["silo"]);
            Assert.Equal(told["ALIGN__HTTPPORT"], ports["http"]);
            Assert.Equal(told.GetValueOrDefault("ALIGN__GATEWAYPORT"), ports.GetValueOrDefault("gateway"));
            Dictionary<string, string> notes = workload.Strings("spec", "template", "metadata", "annotations");
            Assert.Equal(("true", ports["http"], "/metrics"), (notes["prometheus.io/scrape"], notes["prometheus.io/port"], notes["prometheus.io/path"]));
        }
    }

    [KubectlTheory, MemberData(nameof(Names))]
    public void Paths_that_are_asked_are_paths_that_the_silo_answers(string name)
    {
        string http = string.Join('\n', Directory.EnumerateFiles(Repository.At("silo"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        foreach (JsonObject container in Silos(name).SelectMany(w => w.Containers()))
        {
            Dictionary<string, string> paths = container.Where(c => c.Key.EndsWith("Probe", StringComparison.Ordinal)).ToDictionary(
                c => c.Key, c => c.Value.At("httpGet", "path")!.ToString());
            Assert.Equal(("/health/live", "/health/live", "/health/ready"), (paths["startupProbe"], paths["livenessProbe"], paths["readinessProbe"]));
            Assert.All(paths.Values.Append("/metrics"), p => Assert.Contains($"(\"{p}\"", http, StringComparison.Ordinal));
        }
    }

    [KubectlTheory, InlineData("client"), InlineData("client+components")]
    public void The_client_is_told_what_the_client_understands(string name)
    {
        string client = string.Join('\n', Directory.EnumerateFiles(Repository.At("client"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        JsonObject job = Rendered.Workloads(name).Single();
        string[] arguments = [.. job.Containers().Single()["args"]!.AsArray().Select(a => a!.ToString())];
        JsonObject gateway = Rendered.Of("overlays/cpu", "Service").Single(s => s.Name() == "align-gateway");

        Assert.Contains($"new Command(\"{arguments[0]}\"", client, StringComparison.Ordinal);
        Assert.All(arguments.Where(a => a.StartsWith("--", StringComparison.Ordinal)),
            a => Assert.Contains($"\"{a.Split('=')[0]}\"", client, StringComparison.Ordinal));
        Assert.All(Environment(name, job).Keys, v => Assert.Contains($"\"{v}\"", client, StringComparison.Ordinal));
        Assert.Equal($"{gateway.Name()}:{gateway.List("spec", "ports").Single()["port"]}", arguments[Array.IndexOf(arguments, "--cluster") + 1]);
    }

    [KubectlTheory, MemberData(nameof(Names))]
    public void Files_that_programs_are_told_of_lie_in_what_is_mounted(string name)
    {
        foreach (JsonObject workload in Rendered.Workloads(name))
        {
            JsonObject container = workload.Containers().Single();
            string[] mounts = [.. container.List("volumeMounts").Select(m => m["mountPath"]!.ToString())];
            IEnumerable<string> arguments = container["args"] is JsonArray list ? list.Select(a => a!.ToString()) : [];
            IEnumerable<string> paths = Environment(name, workload).Values
                .Concat(arguments.Select(a => a[(a.IndexOf('=', StringComparison.Ordinal) + 1)..])).Where(v => v.StartsWith('/'));
            Assert.All(paths, p => Assert.Contains(mounts, m => p == m || p.StartsWith(m + "/", StringComparison.Ordinal)));
        }
    }

    /// <summary>The variables of a workload's only container, each with its value or with where it comes from.</summary>
    internal static Dictionary<string, string> Environment(string name, JsonObject workload)
    {
        JsonObject container = workload.Containers().Single();
        var result = new Dictionary<string, string>();
        foreach (JsonObject from in container.List("envFrom"))
        {
            JsonObject map = Rendered.Of(name, "ConfigMap").Single(m => m.Name() == from.At("configMapRef", "name")!.ToString());
            foreach ((string key, string value) in map.Strings("data")) result[key] = value;
        }

        foreach (JsonObject variable in container.List("env"))
        {
            JsonNode? from = variable["valueFrom"];
            result[variable["name"]!.ToString()] = variable["value"]?.ToString()
                ?? (from.At("fieldRef") is { } field ? $"field {field["fieldPath"]}"
                    : from.At("resourceFieldRef") is { } resource ? $"resource {resource["resource"]}"
                    : $"secret {from.At("secretKeyRef", "name")}/{from.At("secretKeyRef", "key")}");
        }

        return result;
    }

    private static IEnumerable<JsonObject> Silos(string name) => Rendered.Workloads(name).Where(w => w.Containers().Any(c => c["name"]!.ToString() == "silo"));

    /// <summary>The keys of the section <c>Align</c>, from the silo's sources, since this project does not compile the silo.</summary>
    private static IEnumerable<string> Keys() =>
        Key().Matches(File.ReadAllText(Repository.At("silo", "Options", "SiloKeys.cs"))).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"SiloKey \w+ = new\(""([\w:]+)""")]
    private static partial Regex Key();

    [GeneratedRegex("__[0-9]+$")]
    private static partial Regex Numbered();
}
