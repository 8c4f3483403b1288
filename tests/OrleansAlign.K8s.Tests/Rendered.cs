using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using OrleansAlign.Tests;

namespace OrleansAlign.K8s.Tests;

/// <summary>What <c>kubectl kustomize</c> makes of our folders, each rendered once.</summary>
internal static class Rendered
{
    /// <summary>All that can be applied: the overlays, each with all components too, and the client's job.</summary>
    public static readonly string[] Names =
    [
        "overlays/cpu", "overlays/gpu", "overlays/cpu+components", "overlays/gpu+components", "client", "client+components",
    ];

    private const string WithComponents = "+components";

    private static readonly ConcurrentDictionary<string, Lazy<IReadOnlyList<JsonObject>>> Cache = new();

    /// <summary>The manifests of one of <see cref="Names"/>.</summary>
    public static IReadOnlyList<JsonObject> Of(string name) => Cache.GetOrAdd(name, n => new(() => Render(n))).Value;

    /// <summary>The manifests of a kind.</summary>
    public static IEnumerable<JsonObject> Of(string name, params string[] kinds) => Of(name).Where(m => kinds.Contains(m.Kind()));

    /// <summary>The manifests that run pods.</summary>
    public static IEnumerable<JsonObject> Workloads(string name) => Of(name, "Deployment", "StatefulSet", "Job");

    private static IReadOnlyList<JsonObject> Render(string name)
    {
        if (!name.EndsWith(WithComponents, StringComparison.Ordinal)) return Kustomize(Repository.At("k8s", name));
        string copy = Directory.CreateTempSubdirectory("align-k8s").FullName;
        try
        {
            Copy(Repository.At("k8s"), copy);
            string overlay = Path.Combine(copy, name[..^WithComponents.Length]), file = Path.Combine(overlay, "kustomization.yaml");
            string text = File.ReadAllText(file);
            string all = Uncomment(text).Replace("namespace: align\n", "namespace: elsewhere\n", StringComparison.Ordinal);
            Assert.NotEqual(text, all);
            File.WriteAllText(file, all);
            return Kustomize(overlay);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static IReadOnlyList<JsonObject> Kustomize(string folder)
    {
        (int code, string output, string error) = Tool.Run("kubectl", ["kustomize", folder]);
        Assert.True(code == 0, $"kubectl kustomize {folder}: {error}");
        // Warnings name fields that kustomize has deprecated.
        Assert.Equal("", error);
        return Manifests.Parse(output);
    }

    /// <summary>Uncomments the components that a kustomization offers.</summary>
    private static string Uncomment(string text) => string.Join('\n', text.Split('\n')
        .Select(line => line.StartsWith("  # - ../", StringComparison.Ordinal) ? line.Replace("# ", "", StringComparison.Ordinal)
        : line is "# components:" || line.StartsWith("#   - ../", StringComparison.Ordinal) ? line[2..] : line));

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}

/// <summary>Shorthands to read manifests.</summary>
internal static class Manifest
{
    public static string Kind(this JsonObject manifest) => manifest["kind"]!.ToString();

    public static string Name(this JsonObject manifest) => manifest["metadata"]!["name"]!.ToString();

    /// <summary>The value at a path of fields; null if a field is missing.</summary>
    public static JsonNode? At(this JsonNode? node, params string[] path) => path.Aggregate(node, (n, field) => n is JsonObject o ? o[field] : null);

    /// <summary>The objects of a list; none where there is no list.</summary>
    public static IEnumerable<JsonObject> List(this JsonNode? node, params string[] path) => node.At(path) is JsonArray list ? list.OfType<JsonObject>() : [];

    /// <summary>A map of strings.</summary>
    public static Dictionary<string, string> Strings(this JsonNode? node, params string[] path) =>
        node.At(path) is JsonObject map ? map.ToDictionary(m => m.Key, m => m.Value?.ToString() ?? "") : [];

    public static JsonObject Pod(this JsonObject workload) => (JsonObject)workload["spec"]!["template"]!["spec"]!;

    public static IEnumerable<JsonObject> Containers(this JsonObject workload) =>
        workload.Pod().List("initContainers").Concat(workload.Pod().List("containers"));

    /// <summary>Whether the labels include every label of the selector.</summary>
    public static bool Match(this IReadOnlyDictionary<string, string> selector, IReadOnlyDictionary<string, string> labels) =>
        selector.All(s => labels.TryGetValue(s.Key, out string? value) && value == s.Value);
}
