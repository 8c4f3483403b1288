using OrleansAlign.Core.Data;
using OrleansAlign.Models.Chat;

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

    /// <summary>Encodes a row; what its template refuses is told with the row's place.</summary>
    /// <exception cref="InvalidDataException">The template or the tokenizer refuses the row.</exception>
    public static T At<T>(RowSource source, Func<T> encode)
    {
        try
        {
            return encode();
        }
        catch (Exception error) when (error is InvalidDataException or ChatTemplateException or ArgumentException)
        {
            throw new InvalidDataException($"{source}: {error.Message}", error);
        }
    }

    /// <summary>Throws with a line for each of the first problems, if there are any.</summary>
    /// <exception cref="InvalidDataException">There is at least one problem.</exception>
    public static void ThrowIfAny(string path, IEnumerable<string> problems)
    {
        string[] lines = [.. problems.Select(problem => $"{path}: {problem}")];
        if (lines.Length == 0) return;
        string more = lines.Length > DataReport.Told ? $"\n… and {lines.Length - DataReport.Told} more" : "";
        throw new InvalidDataException(string.Join('\n', lines.Take(DataReport.Told)) + more);
    }
}
