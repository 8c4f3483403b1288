using System.Text.Json.Nodes;

namespace OrleansAlign.Core.Data;

/// <summary>One file of rows.</summary>
/// <param name="name">Its name in messages.</param>
/// <param name="open">Opens it.</param>
/// <param name="columns">How its columns stand for keys; null: they are the keys.</param>
internal sealed class RowFile(string name, Func<Stream> open, RowColumns? columns)
{
    /// <summary>The files of a data key, in order; one that names none is told when it is read.</summary>
    public static IEnumerable<RowFile> Open(string path, RowColumns? columns)
    {
        IReadOnlyList<string> files = DataPaths.Files(path);
        if (files.Count == 0 && Directory.Exists(path)) throw new InvalidDataException($"{path}: the folder has no files that end in .jsonl or .parquet");
        foreach (string file in files.Count > 0 ? files : [path]) yield return new RowFile(file, () => OpenFile(file), columns);
    }

    /// <summary>JSONL from a stream, which stays open.</summary>
    public static IEnumerable<RowFile> Of(Stream stream, string name) => [new RowFile(name, () => stream, null)];

    /// <summary>Reads every row and lets <paramref name="parse"/> make items of it.</summary>
    /// <exception cref="InvalidDataException">A row is broken and there is no report, the file cannot be read, or there is no row at all.</exception>
    public IEnumerable<T> Read<T>(DataReport? report, Func<Row, IEnumerable<T>> parse)
    {
        using Stream stream = open();
        bool any = false;
        foreach ((int line, Func<JsonObject?> read) in ParquetRows.IsParquet(name) ? ParquetRows.Read(stream, name) : JsonLines.Read(stream, name))
        {
            List<T>? items = null;
            try
            {
                if (read() is { } value) items = [.. parse(new Row(name, line, columns?.Apply(value, $"{name}:{line}") ?? value, report))];
            }
            catch (InvalidDataException broken) when (report is not null)
            {
                any = true;
                report.AddProblem(broken.Message);
            }

            if (items is null) continue;
            any = true;
            foreach (T item in items) yield return item;
        }

        if (any) yield break;
        string empty = $"{name}: the file has no rows; it must hold at least one, in JSONL an object a line";
        if (report is null) throw new InvalidDataException(empty);
        report.AddProblem(empty);
    }

    private static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"{path}: there is no such file; give the path of a JSONL or Parquet file, or of a folder of them", failure);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new InvalidDataException($"{path}: it may not be read; give the path of a JSONL or Parquet file", failure);
        }
    }
}
