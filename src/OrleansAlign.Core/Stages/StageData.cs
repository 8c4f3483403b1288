using OrleansAlign.Core.Data;

namespace OrleansAlign.Core.Stages;

/// <summary>Reads a stage's data files.</summary>
internal static class StageData
{
    /// <summary>Reads a whole file, and notes how many rows were left out.</summary>
    /// <exception cref="InvalidDataException">Rows are broken: a line for each.</exception>
    public static List<T> Read<T>(string path, Func<string, DataReport, IEnumerable<T>> read, List<string> notes)
    {
        var report = new DataReport();
        List<T> rows = [.. read(path, report)];
        report.ThrowIfBroken();
        Note(notes, path, report.Skipped);
        return rows;
    }

    /// <summary>Notes how many rows of a file were left out, by reason.</summary>
    public static void Note(List<string> notes, string path, IReadOnlyDictionary<string, int> dropped) =>
        notes.AddRange(dropped.Select(of => $"{path}: {of.Value} rows left out: {of.Key}"));

    /// <summary>Throws with a line for each problem, if there are any.</summary>
    /// <exception cref="InvalidDataException">There is at least one problem.</exception>
    public static void ThrowIfAny(string path, IEnumerable<string> problems)
    {
        string[] lines = [.. problems.Select(problem => $"{path}: {problem}")];
        if (lines.Length > 0) throw new InvalidDataException(string.Join('\n', lines));
    }
}
