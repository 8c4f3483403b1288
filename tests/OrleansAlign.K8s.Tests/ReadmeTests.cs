using System.Text.RegularExpressions;
using OrleansAlign.Tests;

namespace OrleansAlign.K8s.Tests;

/// <summary>What <c>k8s/README.md</c> names is there under that name.</summary>
public sealed partial class ReadmeTests
{
    private static string Text => File.ReadAllText(Repository.At("k8s", "README.md"));

    [SourceFact]
    public void Paths_lead_to_files_and_folders()
    {
        string[] fromRoot = [.. FromRoot().Matches(Text).Select(m => m.Value)], fromHere = [.. FromHere().Matches(Text).Select(m => m.Groups[1].Value)];

        Assert.True(fromRoot.Length > 5 && fromHere.Length > 10);
        Assert.All(fromRoot, p => Assert.True(Exists(p), p));
        Assert.All(fromHere, p => Assert.True(Exists(Path.Combine("k8s", p)), p));
        Assert.All(Link().Matches(Text).Select(m => m.Groups[1].Value), p => Assert.True(Exists(Path.Combine("k8s", p)), p));
    }

    [KubectlFact]
    public void Objects_that_commands_speak_of_are_made()
    {
        HashSet<string> made = [.. Rendered.Names.SelectMany(Rendered.Of).Select(m => $"{m.Kind().ToUpperInvariant()}/{m.Name()}")];
        string[] named = [.. Object().Matches(Text).Select(m => $"{m.Groups[1].Value.ToUpperInvariant()}/{m.Groups[2].Value}")];

        Assert.True(named.Length > 5);
        Assert.All(named, n => Assert.Contains(n, made));
    }

    [SourceFact]
    public void Every_component_is_offered_in_both_overlays()
    {
        string[] components = [.. Directory.GetDirectories(Repository.At("k8s", "components")).Select(d => Path.GetFileName(d)!)];

        foreach (string overlay in new[] { "cpu", "gpu" })
        {
            string offered = File.ReadAllText(Repository.At("k8s", "overlays", overlay, "kustomization.yaml"));
            Assert.All(components, c => Assert.Contains($"- ../../components/{c}\n", offered, StringComparison.Ordinal));
        }

        Assert.All(components, c => Assert.Contains(c, Text, StringComparison.Ordinal));
    }

    [SourceFact]
    public void Numbers_are_the_manifests()
    {
        string settings = File.ReadAllText(Repository.At("k8s", "base", "kustomization.yaml"));
        string devices = File.ReadAllText(Repository.At("k8s", "base", "devices.yaml"));

        Assert.Contains($"`ALIGN__DRAINSECONDS` ({Drain().Match(settings).Groups[1].Value})", Text, StringComparison.Ordinal);
        Assert.Contains($"`terminationGracePeriodSeconds` ({Grace().Match(devices).Groups[1].Value})", Text, StringComparison.Ordinal);
    }

    private static bool Exists(string path) => File.Exists(Repository.At(path)) || Directory.Exists(Repository.At(path));

    [GeneratedRegex(@"(?<![\w./])(?:k8s|tests)/[\w./-]*\w")]
    private static partial Regex FromRoot();

    [GeneratedRegex(@"(?<![\w./-])((?:base|overlays|components|client)/[\w./-]*\w)")]
    private static partial Regex FromHere();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\b(deployment|statefulset|service|job)/([\w-]+)")]
    private static partial Regex Object();

    [GeneratedRegex("ALIGN__DRAINSECONDS=([0-9]+)")]
    private static partial Regex Drain();

    [GeneratedRegex("terminationGracePeriodSeconds: ([0-9]+)")]
    private static partial Regex Grace();
}
