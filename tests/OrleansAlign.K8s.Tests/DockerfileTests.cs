using System.Text.RegularExpressions;
using System.Xml.Linq;
using OrleansAlign.Tests;

namespace OrleansAlign.K8s.Tests;

/// <summary>The Dockerfiles as text; the tests need no Docker.</summary>
public sealed partial class DockerfileTests
{
    public static TheoryData<string, string> Images =>
        new() { { "silo.Dockerfile", "silo/OrleansAlign.Silo.csproj" }, { "client.Dockerfile", "client/OrleansAlign.Client.csproj" } };

    [SourceTheory, MemberData(nameof(Images))]
    public void What_is_copied_is_there_and_is_sent_to_the_builder(string name, string project)
    {
        string[] sources = [.. Lines(name).Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from=", StringComparison.Ordinal))
            .SelectMany(l => l.Split(' ')[1..^1])];

        Assert.Contains(project, sources);
        Assert.All(sources, s => Assert.True(File.Exists(Repository.At(s)) || Directory.Exists(Repository.At(s)), $"{name} copies {s}, which is not there"));
        string[] sent = [.. File.ReadLines(Repository.At(".dockerignore")).Where(l => l.StartsWith('!')).Select(l => l[1..])];
        Assert.All(sources, s => Assert.Contains(s.Split('/')[0], sent));
        Assert.All(sent, s =>
            Assert.True(File.Exists(Repository.At(s)) || Directory.Exists(Repository.At(s)), $".dockerignore lets {s} through, which is not there"));
    }

    [SourceTheory, MemberData(nameof(Images))]
    public void Every_project_that_is_restored_is_copied_first(string name, string project)
    {
        string[] lines = [.. Lines(name)];
        int restore = Array.FindIndex(lines, l => l.StartsWith("RUN dotnet restore ", StringComparison.Ordinal));
        string[][] copies = [.. lines[..restore].Where(l => l.StartsWith("COPY ", StringComparison.Ordinal)).Select(l => l.Split(' '))
            .Where(w => w.Length == 3 && w[1].EndsWith(".csproj", StringComparison.Ordinal))];

        Assert.All(copies, w => Assert.Equal(w[1][..(w[1].LastIndexOf('/') + 1)], w[2]));
        Assert.Superset(Closure(project), copies.Select(w => w[1]).ToHashSet());
        Assert.All(new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props" },
            f => Assert.Contains(lines[..restore], l => l.Split(' ').Contains(f)));
        Assert.Contains(project, lines[restore], StringComparison.Ordinal);
        string publish = Assert.Single(lines, l => l.StartsWith("RUN dotnet publish ", StringComparison.Ordinal));
        Assert.All(new[] { project, "--no-restore", "-c Release", "-o /app" }, part => Assert.Contains(part, publish, StringComparison.Ordinal));
    }

    /// <summary>If the image restored one libtorch and published another, the first sign would be a silo that fails to start.</summary>
    [SourceTheory]
    [InlineData("client.Dockerfile", "-p:Torch=none")]
    [InlineData("silo.Dockerfile", "-p:Torch=$TORCH")]
    public void Restoring_and_publishing_choose_the_same_libtorch(string name, string choice)
    {
        string[] lines = [.. Lines(name)], steps = [.. lines.Where(l => l.StartsWith("RUN dotnet ", StringComparison.Ordinal))];

        Assert.Equal(2, steps.Length);
        Assert.All(steps, step => Assert.Contains(choice, step.Split(' ')));
        if (choice.Contains('$', StringComparison.Ordinal)) Assert.Contains("ARG TORCH=none", lines);
    }

    /// <summary>Files that projects include from outside their own folder.</summary>
    [SourceTheory, MemberData(nameof(Images))]
    public void Files_that_projects_embed_are_copied(string name, string project)
    {
        string[] folders = [.. Lines(name).Where(l => l.StartsWith("COPY ", StringComparison.Ordinal)).SelectMany(l => l.Split(' ')[1..^1])];
        foreach (string one in Closure(project))
        {
            IEnumerable<string> outside = XDocument.Load(Repository.At(one)).Descendants()
                .Where(e => e.Name.LocalName is "EmbeddedResource" or "None" or "Content" or "Compile")
                .Select(e => (string?)e.Attribute("Include")).OfType<string>().Where(i => i.StartsWith("..", StringComparison.Ordinal));
            string own = Path.GetDirectoryName(Repository.At(one))!;
            Assert.All(outside, o => Assert.Contains(Path.GetRelativePath(Repository.Root!, Path.GetFullPath(o, own)).Split('/')[0], folders));
        }
    }

    [SourceTheory, MemberData(nameof(Images))]
    public void The_image_runs_the_assembly_as_an_unprivileged_user(string name, string project)
    {
        string[] lines = [.. Lines(name)], bases = [.. lines.Where(l => l.StartsWith("FROM ", StringComparison.Ordinal)).Select(l => l.Split(' ')[1])];
        string assembly = XDocument.Load(Repository.At(project)).Descendants("AssemblyName").Single().Value;
        string framework = XDocument.Load(Repository.At("Directory.Build.props")).Descendants("TargetFramework").Single().Value;

        string runtime = XDocument.Load(Repository.At(project)).Root!.Attribute("Sdk")!.Value.EndsWith(".Web", StringComparison.Ordinal) ? "aspnet" : "runtime";
        Assert.Equal([$"mcr.microsoft.com/dotnet/sdk:{framework[3..]}", $"mcr.microsoft.com/dotnet/{runtime}:{framework[3..]}"], bases);
        Assert.Matches($@"^ENTRYPOINT \[""dotnet"", ""(/app/)?{Regex.Escape(assembly)}\.dll""\]$", lines[^1]);
        Assert.Equal("USER $APP_UID", lines[^2]);
    }

    [SourceFact]
    public void Ports_of_the_silos_image_are_the_silos() => Assert.Contains("EXPOSE 11111 30000 8080", Lines("silo.Dockerfile"));

    [SourceFact]
    public void Images_have_the_version_of_the_program()
    {
        string version = XDocument.Load(Repository.At("Directory.Build.props")).Descendants("Version").Single().Value;
        string[] tags = [.. Directory.EnumerateFiles(Repository.At("k8s"), "*", SearchOption.AllDirectories)
            .SelectMany(f => Tag().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value)];

        Assert.True(tags.Length > 5);
        Assert.All(tags, t => Assert.Equal(version, t));
    }

    private static IEnumerable<string> Lines(string name) => File.ReadLines(Repository.At("k8s", name)).Where(l => l.Length > 0 && l[0] != '#');

    private static HashSet<string> Closure(string project)
    {
        var found = new HashSet<string>();
        var waiting = new Queue<string>([project]);
        while (waiting.TryDequeue(out string? next))
        {
            if (!found.Add(next)) continue;
            foreach (string reference in XDocument.Load(Repository.At(next)).Descendants("ProjectReference").Select(e => (string)e.Attribute("Include")!))
            {
                waiting.Enqueue(
                    Path.GetRelativePath(Repository.Root!, Path.GetFullPath(reference, Path.GetDirectoryName(Repository.At(next))!)).Replace('\\', '/'));
            }
        }

        return found;
    }

    [GeneratedRegex(@"(?:newTag: |align-(?:silo|client):)([0-9]+\.[0-9]+\.[0-9]+)")]
    private static partial Regex Tag();

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class SourceTheoryAttribute : TheoryAttribute
    {
        public SourceTheoryAttribute()
        {
            if (Repository.Root is null) Skip = "the sources are not beside the tests";
        }
    }
}
