using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansAlign.Core.Data;

/// <summary>Reads a JSONL file row by row: UTF-8 (a byte order mark is skipped), one object a line, blank lines skipped, never the whole
/// file in memory.</summary>
internal static class JsonLines
{
    // Longer than any conversation; a file without line ends must not fill the memory.
    private const int LongestLine = 64 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>How JSON of data is read.</summary>
    public static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>The rows of a file, each made an object when it is asked for; null for a blank line.</summary>
    /// <exception cref="InvalidDataException">A line is longer than 64 MiB; or, from a row, the line is not an object in JSON.</exception>
    public static IEnumerable<(int Line, Func<JsonObject?> Value)> Read(Stream stream, string file) =>
        Lines(stream, file).Select(row => (row.Line, (Func<JsonObject?>)(() => ToObject(row.Bytes, file, row.Line))));

    private static JsonObject? ToObject(byte[] bytes, string file, int line)
    {
        string text;
        try
        {
            text = Strict.GetString(bytes);
        }
        catch (DecoderFallbackException broken)
        {
            throw new InvalidDataException($"{file}:{line}: byte {broken.Index + 1} of the line is not UTF-8; convert the file to UTF-8");
        }

        if (line == 1 && text.StartsWith('\uFEFF')) text = text[1..];
        if (string.IsNullOrWhiteSpace(text)) return null;
        try
        {
            if (JsonNode.Parse(text, documentOptions: Options) is JsonObject value)
            {
                // JsonNode decodes escapes at first use. Decoding them here reports half a surrogate pair with its line.
                if (text.Contains("\\ud", StringComparison.OrdinalIgnoreCase)) Decode(value);
                return value;
            }
        }
        catch (InvalidOperationException)
        {
            throw new InvalidDataException($"{file}:{line}: a text has half a surrogate pair (\\ud800 to \\udfff alone); remove it");
        }
        catch (JsonException broken)
        {
            int place = (int)(broken.BytePositionInLine ?? 0) + 1;
            throw new InvalidDataException($"{file}:{line}, byte {place}: not JSON ({Reason(broken)}); each line must be one whole object");
        }

        throw new InvalidDataException($"{file}:{line}: the row is not a JSON object; each line must be one, as {{\"prompt\": \"…\"}}");
    }

    private static void Decode(JsonNode? node)
    {
        if (node is JsonObject fields)
        {
            foreach ((_, JsonNode? field) in fields) Decode(field);
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items) Decode(item);
        }
        else if (node?.GetValueKind() == JsonValueKind.String)
        {
            _ = node.GetValue<string>();
        }
    }

    private static string Reason(JsonException broken)
    {
        // The message repeats its position after the first sentence.
        int end = broken.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? broken.Message : broken.Message[..end]).TrimEnd('.', ' ');
    }

    private static IEnumerable<(int Line, byte[] Bytes)> Lines(Stream stream, string file)
    {
        byte[] chunk = new byte[1 << 16];
        var line = new MemoryStream();
        int number = 1;
        while (true)
        {
            int read = stream.Read(chunk, 0, chunk.Length);
            if (read == 0) break;
            int start = 0;
            while (start < read)
            {
                int end = Array.IndexOf(chunk, (byte)'\n', start, read - start);
                int stop = end < 0 ? read : end;
                if (line.Length + stop - start > LongestLine)
                    throw new InvalidDataException($"{file}:{number}: longer than {LongestLine >> 20} MiB; put one object on each line");
                line.Write(chunk, start, stop - start);
                start = stop + 1;
                if (end < 0) break;
                yield return (number++, line.ToArray());
                line.SetLength(0);
            }
        }

        if (line.Length > 0) yield return (number, line.ToArray());
    }
}
