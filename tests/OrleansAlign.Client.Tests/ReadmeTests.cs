using System.Text.RegularExpressions;
using OrleansAlign.Tests;

namespace OrleansAlign.Client.Tests;

/// <summary>The README's commands, paths, recipe and output are those of the program.</summary>
public sealed partial class ReadmeTests
{
    /// <summary>Commands of the script around the program.</summary>
    private static readonly string[] OfTheScript = ["silo", "test"];

    private static string Readme => File.ReadAllText(Repository.At("README.md"));

    [SourceFact]
    public async Task Every_command_of_the_table_exists_and_every_command_is_in_the_table()
    {
        IEnumerable<string> cells = CommandRow().Matches(Section("Commands")).Select(row => row.Groups[1].Value);
        string[] named = [.. cells.SelectMany(cell => Command().Matches(cell)).Select(m => m.Groups[1].Value).Except(OfTheScript).Order()];
        string help = (await Align.RunAsync(null, "--help")).Output;
        string[] offered = [.. HelpRow().Matches(help[help.IndexOf("Commands:", StringComparison.Ordinal)..]).Select(m => m.Groups[1].Value).Order()];

        Assert.True(offered.Length > 5, help);
        Assert.Equal(offered, named);
    }

    [SourceFact]
    public void The_tree_names_what_is_there()
    {
        List<string> parents = [];
        string[] lines = [.. Block(Section("Where things are"), "").Split('\n').Where(l => l.Length > 0)];
        Assert.True(lines.Length > 15, $"the tree has {lines.Length} lines");
        foreach (string line in lines)
        {
            int depth = (line.Length - line.TrimStart().Length) / 2;
            string[] names = [.. line.TrimStart().Split("  ", 2)[0].Split(' ').Where(n => n.Length > 0)];
            parents.RemoveRange(depth, parents.Count - depth);
            foreach (string name in names)
            {
                string path = Repository.At([.. parents, name.TrimEnd('/')]);
                Assert.True(name.EndsWith('/') ? Directory.Exists(path) : File.Exists(path),
                    $"README.md names {Path.GetRelativePath(Repository.Root!, path)}, which is not there");
            }

            parents.Add(names[^1].TrimEnd('/'));
        }
    }

    [SourceFact]
    public void Every_folder_of_models_and_core_is_in_the_tree()
    {
        string tree = Block(Section("Where things are"), "");
        foreach (string project in new[] { "OrleansAlign.Models", "OrleansAlign.Core" })
        {
            foreach (string folder in Directory.GetDirectories(Repository.At("src", project)).Select(d => Path.GetFileName(d)!).Except(["bin", "obj"]))
            {
                Assert.True(tree.Contains($" {folder}/", StringComparison.Ordinal), $"README.md's tree lacks {project}/{folder}/");
            }
        }
    }

    [SourceFact]
    public void The_recipe_shown_is_the_demos() =>
        Assert.Equal(File.ReadAllText(Repository.At("recipes", "demo.yaml")).TrimEnd(), Block(Readme, "yaml").TrimEnd());

    [SourceFact]
    public void Links_lead_to_what_is_there() =>
        Assert.All(Link().Matches(Readme), link => Assert.True(Path.Exists(Repository.At(link.Groups[1].Value)), link.Groups[1].Value));

    [SourceFact]
    public async Task Options_named_beside_a_command_exist()
    {
        string row = Assert.Single(CommandRow().Matches(Section("Commands")), m => m.Value.Contains("run RECIPE", StringComparison.Ordinal)).Value;
        string[] options = [.. Option().Matches(row).Select(m => m.Value)];

        string help = (await Align.RunAsync(null, "run", "--help")).Output;

        Assert.NotEmpty(options);
        Assert.All(options, option => Assert.Contains(option + " ", help, StringComparison.Ordinal));
    }

    /// <summary>The text under a heading.</summary>
    private static string Section(string heading)
    {
        string[] sections = [.. Readme.Split("\n## ").Where(s => s.StartsWith(heading + "\n", StringComparison.Ordinal))];
        return Assert.Single(sections);
    }

    /// <summary>The first fenced block of a language.</summary>
    private static string Block(string text, string language)
    {
        string fence = $"\n```{language}\n";
        int start = text.IndexOf(fence, StringComparison.Ordinal) + fence.Length;
        Assert.True(start >= fence.Length, $"README.md has no block that begins with ```{language}");
        return text[start..text.IndexOf("\n```", start, StringComparison.Ordinal)];
    }

    [GeneratedRegex(@"^\|([^|]*)\|.*$", RegexOptions.Multiline)]
    private static partial Regex CommandRow();

    [GeneratedRegex(@"`(?:\./align )?([a-z][a-z-]*)[^`]*`")]
    private static partial Regex Command();

    [GeneratedRegex(@"^  ([a-z][a-z-]*)(?= )", RegexOptions.Multiline)]
    private static partial Regex HelpRow();

    [GeneratedRegex(@"\]\(([^)#:]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"--[a-z-]+")]
    private static partial Regex Option();
}
