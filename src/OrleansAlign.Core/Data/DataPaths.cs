using System.Text.RegularExpressions;

namespace OrleansAlign.Core.Data;

/// <summary>What a data key names: a file, a folder of shards, or a pattern such as <c>data/train-*.jsonl</c>.</summary>
public static class DataPaths
{
    private static readonly string[] Kinds = [".jsonl", ".parquet"];

    /// <summary>Whether a path names anything: a file, or a folder or pattern with at least one file of rows.</summary>
    public static bool Exist(string path) => Files(path).Count > 0;

    /// <summary>The files, in ordinal order of their names; a folder's are those that end in .jsonl or .parquet. Empty if there are none.</summary>
    /// <param name="path">A full path, in whose last part * and ? stand for any characters and for one.</param>
    public static IReadOnlyList<string> Files(string path)
    {
        // A name that has * or ? in it is a file's own before it is a pattern.
        if (File.Exists(path)) return [path];
        if (Directory.Exists(path)) return Sorted(Directory.EnumerateFiles(path).Where(file => Kinds.Contains(Path.GetExtension(file))));
        string pattern = Path.GetFileName(path), folder = Path.GetDirectoryName(path) is { Length: > 0 } given ? given : ".";
        if (!pattern.AsSpan().ContainsAny('*', '?') || !Directory.Exists(folder)) return [];
        var name = new Regex($"^{Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".")}$", RegexOptions.NonBacktracking | RegexOptions.Singleline);
        return Sorted(Directory.EnumerateFiles(folder).Where(file => name.IsMatch(Path.GetFileName(file))).Select(file =>
            path == pattern ? Path.GetFileName(file) : Path.Combine(folder, Path.GetFileName(file))));
    }

    private static string[] Sorted(IEnumerable<string> files) => [.. files.Order(StringComparer.Ordinal)];
}
