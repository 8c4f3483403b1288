using System.Text.Json;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Reads JSON files; every fault becomes one exception that names the file.</summary>
internal static class JsonFile
{
    /// <summary>The bytes without a byte order mark.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(byte[] json) => json.AsMemory(json is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0);

    /// <summary>Parses a small file.</summary>
    /// <exception cref="InvalidDataException">The bytes are not JSON.</exception>
    public static JsonPlace Parse(string path, string remedy, byte[] json) => Guard(path, remedy, () =>
    {
        using JsonDocument document = JsonDocument.Parse(WithoutMark(json));
        return new JsonPlace(path, "", document.RootElement.Clone());
    });

    /// <summary>Runs a reader of a file and turns its failures into exceptions that name the file.</summary>
    public static T Guard<T>(string path, string remedy, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}: not JSON; {remedy}", e);
        }
        catch (InvalidOperationException e)
        {
            // System.Text.Json looks at a text's encoding only when the text is asked for.
            throw new InvalidDataException($"{path}: a text in it is not Unicode; {remedy}", e);
        }
    }
}
