using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Parquet;
using Parquet.Serialization;

namespace OrleansAlign.Core.Data;

/// <summary>Reads a Parquet file, one group of rows in memory at a time, as the objects that JSONL would hold.</summary>
internal static class ParquetRows
{
    /// <summary>Whether a file is Parquet, by its name.</summary>
    public static bool IsParquet(string path) => path.EndsWith(".parquet", StringComparison.Ordinal);

    /// <summary>The rows of a file, numbered from 1; lists, maps and structs become lists and objects, times become text.</summary>
    /// <exception cref="InvalidDataException">The file is not Parquet, is damaged, or has a type that cannot be read.</exception>
    public static IEnumerable<(int Line, Func<JsonObject?> Value)> Read(Stream stream, string file)
    {
        int groups = Try(file, () => GroupsAsync(stream)), row = 0;
        for (int group = 0; group < groups; group++)
        {
            int number = group;
            foreach (Dictionary<string, object> fields in Try(file, () => GroupAsync(stream, number))) yield return (++row, () => ToObject(fields));
        }
    }

    private static async Task<int> GroupsAsync(Stream stream)
    {
        stream.Position = 0;
        await using ParquetReader reader = await ParquetReader.CreateAsync(stream, leaveStreamOpen: true).ConfigureAwait(false);
        return reader.RowGroupCount;
    }

    private static async Task<IEnumerable<Dictionary<string, object>>> GroupAsync(Stream stream, int group)
    {
        stream.Position = 0;
        return (await ParquetSerializer.DeserializeUntypedAsync(stream, null, group).ConfigureAwait(false)).Data;
    }

    private static T Try<T>(string file, Func<Task<T>> read)
    {
        try
        {
            return read().GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The library throws whatever a damaged file leads it to: no list of types is complete.
            string reason = error.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
            throw new InvalidDataException($"{file}: not a Parquet file that can be read ({reason}); write it anew, or as JSONL", error);
        }
    }

    private static JsonObject ToObject(IDictionary fields)
    {
        var row = new JsonObject();
        foreach (DictionaryEntry field in fields) row[Text(field.Key)] = Node(field.Value);
        return row;
    }

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        string text => text,
        ReadOnlyMemory<char> text => text.ToString(),
        bool truth => truth,
        double number => double.IsFinite(number) ? number : null,
        float number => float.IsFinite(number) ? number : null,
        sbyte or byte or short or ushort or int or uint or long => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        ulong or decimal => Convert.ToDecimal(value, CultureInfo.InvariantCulture),
        IDictionary fields => ToObject(fields),
        byte[] bytes => Convert.ToBase64String(bytes),
        ReadOnlyMemory<byte> bytes => Convert.ToBase64String(bytes.Span),
        IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(Node)]),
        _ => Text(value),
    };

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
