using System.Text.RegularExpressions;
using System.Xml.Linq;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Models.Engines;
using OrleansAlign.Tests;

namespace OrleansAlign.Core.Tests;

/// <summary>Which project may refer to which, and which calls are banned: read from project files, assemblies and sources.</summary>
public sealed class LayeringTests
{
    private static readonly string[] Projects =
    [
        "OrleansAlign.Models", "OrleansAlign.Core", "OrleansAlign.Ledgers", "OrleansAlign.Devices", "OrleansAlign.Embedded", "OrleansAlign.TorchSharp",
        "OrleansAlign.Grains.Contracts", "OrleansAlign.Grains",
    ];

    /// <summary>What a project may refer to, projects and packages. A new reference is a decision to be recorded here.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["OrleansAlign.Models"] = [],
        ["OrleansAlign.Core"] = ["OrleansAlign.Models", "Parquet.Net", "YamlDotNet"],
        ["OrleansAlign.Ledgers"] = ["Microsoft.Data.Sqlite", "Npgsql", "OrleansAlign.Core"],
        ["OrleansAlign.Devices"] = ["OrleansAlign.Core"],
        ["OrleansAlign.Embedded"] = ["OrleansAlign.Ledgers"],
        ["OrleansAlign.Grains.Contracts"] = ["Microsoft.Orleans.Sdk", "Microsoft.Orleans.Serialization.SystemTextJson", "OrleansAlign.Core"],
        ["OrleansAlign.Grains"] =
        [
            "Microsoft.Orleans.Reminders", "Microsoft.Orleans.Server", "Microsoft.Orleans.Streaming", "OrleansAlign.Devices",
            "OrleansAlign.Grains.Contracts",
        ],
        ["OrleansAlign.TorchSharp"] = ["OrleansAlign.Core", "TorchSharp", "TorchSharp-cuda-linux", "libtorch-cpu-linux-x64"],
    };

    /// <summary>Core's folders, lowest layer first. A folder may use those of its own layer and of the layers before it.</summary>
    private static readonly string[][] CoreLayers =
    [
        ["Text"], ["Data", "Judging", "Brackets", "Pairing", "Statistics", "Supervision"], ["Ledger"], ["Ports"], ["Policies"], ["Judges", "Tournaments"],
        ["Stages"], ["Evaluation"], ["Recipes", "Telemetry"], ["Runs"],
    ];

    /// <summary>
    /// Results come from the recipe, the data and the seed: not from a clock, another source of chance, or the order in which threads arrive.
    /// </summary>
    /// <remarks>A ban may name one file that it does not concern.</remarks>
    private static readonly (string Pattern, string Instead, string? Except)[] Banned =
    [
        (@"\bDateTime(Offset)?\.(Now|UtcNow|Today)\b", "nothing that is decided or recorded depends on the time", null),
        (@"\bEnvironment\.TickCount", "nothing that is decided or recorded depends on the time", null),
        // A template rendered for its own sake writes today's date, as elsewhere; a policy's encoder stops the clock.
        (@"\bTimeProvider\.System\b", "the caller hands in a clock", "ChatTemplateOptions.cs"),
        (@"\bRandom\.Shared\b", "CounterRandom, seeded by names", null),
        (@"\bnew (System\.)?Random\(", "CounterRandom, seeded by names", null),
        (@"\bRandomNumberGenerator\b", "CounterRandom, seeded by names", null),
        (@"\bThread\.Sleep\(", "wait for what is to happen", null),
        // Nothing signals that a restarted server is back.
        (@"\bTask\.Delay\(", "wait for what is to happen", "Patience.cs"),
        (@"\bConsole\.", "report through IProgress; only the client prints", null),
        (@"\bParallel\.", "WorkerPool, whose threads split outputs and never sums", null),
        (@"\.AsParallel\(", "WorkerPool, whose threads split outputs and never sums", null),
    ];

    [Fact]
    public void Built_assemblies_know_only_the_layers_below()
    {
        string[] models = References(typeof(IPolicyEngine)), core = References(typeof(Recipe));

        Assert.DoesNotContain(models, name => name.StartsWith("OrleansAlign.", StringComparison.Ordinal));
        Assert.Equal(["OrleansAlign.Models"], core.Where(name => name.StartsWith("OrleansAlign.", StringComparison.Ordinal)));
        const string Above = @"Sqlite|SQLite|Npgsql|Orleans\.|Microsoft\.Orleans|Spectre|CommandLine|System\.Console|TorchSharp|System\.Net\.";
        Assert.All(models.Concat(core), name => Assert.DoesNotMatch(Above, name));
    }

    [SourceFact]
    public void Projects_refer_to_what_their_layer_may_know()
    {
        foreach (string project in Projects)
        {
            XDocument file = XDocument.Load(Repository.At("src", project, project + ".csproj"));
            IEnumerable<string> projects = Included(file, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path));
            Assert.Equal(Allowed[project], Included(file, "PackageReference").Concat(projects).Order(StringComparer.Ordinal));
        }

        Assert.Equal([.. Projects.Order()], Directory.GetDirectories(Repository.At("src")).Select(d => Path.GetFileName(d)!).Order());
    }

    [SourceFact]
    public void Folders_of_the_core_use_only_their_own_layer_and_those_below()
    {
        string root = Repository.At("src", "OrleansAlign.Core");
        Dictionary<string, int> layerOf = CoreLayers.SelectMany((layer, i) => layer.Select(folder => (folder, i))).ToDictionary();
        Assert.Equal(
            layerOf.Keys.Order(StringComparer.Ordinal),
            Sources("OrleansAlign.Core").Select(FolderOf).Where(folder => folder != ".").Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(layerOf.SelectMany(above => Hits(
            Sources("OrleansAlign.Core").Where(path => FolderOf(path) != "." && layerOf[FolderOf(path)] < above.Value),
            $@"\bOrleansAlign\.Core\.{above.Key}\b",
            $"nothing of {above.Key}, which is a layer above")));

        string FolderOf(string path) => Path.GetDirectoryName(Path.GetRelativePath(root, path)) is { Length: > 0 } folder
            ? folder.Split(Path.DirectorySeparatorChar)[0]
            : ".";
    }

    [SourceFact]
    public void Nothing_below_the_client_asks_a_clock_a_console_or_another_source_of_chance()
    {
        string[] sources = [.. Projects.SelectMany(Sources)];

        Assert.True(sources.Length > 100, $"only {sources.Length} sources were found");
        Assert.Empty(Banned.SelectMany(ban => Hits(sources.Where(path => Path.GetFileName(path) != ban.Except), ban.Pattern, ban.Instead)));
    }

    [SourceFact]
    public void The_engine_has_its_own_exponentials() =>
        Assert.Empty(Hits(
            [.. Sources("OrleansAlign.Models").Where(path => Path.GetFileName(Path.GetDirectoryName(path)) is "Managed" or "Shared")],
            @"\bMathF?\.(Exp|Log|Log2|Log10|LogP1|Pow|Tanh|Sin|Cos|SinCos|Cbrt|Atan2?)\(",
            "DeterministicMath or VectorMath, whose bits do not depend on the machine's C library"));

    private static string[] References(Type of) => [.. of.Assembly.GetReferencedAssemblies().Select(a => a.Name!)];

    private static IEnumerable<string> Included(XDocument file, string element) => file.Descendants(element).Select(e => (string)e.Attribute("Include")!);

    private static IEnumerable<string> Sources(string project) => Directory.EnumerateFiles(Repository.At("src", project), "*.cs", SearchOption.AllDirectories)
        .Where(path => !Path.GetRelativePath(Repository.Root!, path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    /// <summary>Places where a pattern stands in code; comments may speak of anything.</summary>
    private static IEnumerable<string> Hits(IEnumerable<string> sources, string pattern, string instead)
    {
        var regex = new Regex(pattern, RegexOptions.CultureInvariant);
        foreach (string path in sources)
        {
            int number = 0;
            foreach (string line in File.ReadLines(path))
            {
                number++;
                if (!line.TrimStart().StartsWith("//", StringComparison.Ordinal) && regex.IsMatch(line))
                    yield return $"{Path.GetRelativePath(Repository.Root!, path)}:{number}: {line.Trim()} (instead: {instead})";
            }
        }
    }
}
