namespace OrleansAlign.Models.Tests;

/// <summary>Finds the files that tests compare with.</summary>
/// <remarks>
/// Roots, first wins: the directories in ALIGN_FIXTURES (separated as PATH is), so that unseen models can be dropped in; <c>tests/fixtures</c>, found
/// by walking up from the test assembly; <c>shared/fixtures</c> beside the repository's root.
/// </remarks>
public static class Fixtures
{
    /// <summary>The roots that exist.</summary>
    public static IReadOnlyList<string> Roots { get; } = FindRoots();

    /// <summary>The full path of a file or directory given relative to a root, or null where no root has it.</summary>
    public static string? Find(string relative) =>
        Roots.Select(root => Path.Combine(root, relative)).FirstOrDefault(path => File.Exists(path) || Directory.Exists(path));

    /// <summary>The full path of a file or directory that a test attribute has already found to be there.</summary>
    public static string Get(string relative) => Find(relative) ?? throw new FileNotFoundException(Missing(relative));

    /// <summary>Why a test that needs <paramref name="relative"/> is skipped.</summary>
    public static string Missing(string relative) =>
        $"fixture {relative} is not there (looked in {string.Join(", ", Roots)}; ALIGN_FIXTURES names other roots)";

    /// <summary>All model directories with a file called <paramref name="file"/>, by directory name; of two with one name, the first
    /// root's.</summary>
    public static IReadOnlyDictionary<string, string> ModelsWith(string file)
    {
        SortedDictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (string root in Roots)
        {
            IEnumerable<string> directories = Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).Prepend(root);
            foreach (string directory in directories.Order(StringComparer.Ordinal))
            {
                bool isModel = File.Exists(Path.Combine(directory, "config.json")) && File.Exists(Path.Combine(directory, file));
                if (isModel) found.TryAdd(Path.GetFileName(directory), directory);
            }
        }

        return found;
    }

    private static List<string> FindRoots()
    {
        string named = Environment.GetEnvironmentVariable("ALIGN_FIXTURES") ?? "";
        List<string> roots =
            [.. named.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Where(Directory.Exists).Select(Path.GetFullPath)];
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string own = Path.Combine(at.FullName, "tests", "fixtures");
            if (!Directory.Exists(own)) continue;
            roots.Add(own);
            string shared = Path.Combine(at.FullName, "..", "shared", "fixtures");
            if (Directory.Exists(shared)) roots.Add(Path.GetFullPath(shared));
            break;
        }

        return roots;
    }
}

/// <summary>A fact that needs a fixture, and is skipped with a reason where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FixtureFactAttribute : FactAttribute
{
    /// <summary>Skips unless <paramref name="relative"/> (a path below a fixture root) is there.</summary>
    public FixtureFactAttribute(string relative) => Skip = Fixtures.Find(Relative = relative) is null ? Fixtures.Missing(relative) : null;

    /// <summary>What it needs.</summary>
    public string Relative { get; }
}

/// <summary>A theory that needs a fixture, and is skipped with a reason where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FixtureTheoryAttribute : TheoryAttribute
{
    /// <summary>Skips unless <paramref name="relative"/> (a path below a fixture root) is there.</summary>
    public FixtureTheoryAttribute(string relative) => Skip = Fixtures.Find(Relative = relative) is null ? Fixtures.Missing(relative) : null;

    /// <summary>What it needs.</summary>
    public string Relative { get; }
}

/// <summary>A theory over all models with a certain file, skipped with a reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ModelFixtureTheoryAttribute : TheoryAttribute
{
    /// <summary>Skips unless some model directory has a file called <paramref name="file"/>.</summary>
    public ModelFixtureTheoryAttribute(string file) =>
        Skip = Fixtures.ModelsWith(File = file).Count == 0 ? Fixtures.Missing($"{file} of any model") : null;

    /// <summary>What it needs.</summary>
    public string File { get; }
}
