using System.Text.Json;
using System.Text.Unicode;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>The JSON header of a safetensors file, parsed and fully checked.</summary>
internal static class SafeTensorsHeader
{
    private const string MetadataKey = "__metadata__";
    private const int HighestRank = 8;

    /// <summary>Every element type that the format knows, with its size in bytes: a header may list tensors that no model here reads.</summary>
    private static readonly Dictionary<string, int> sizesOfTypes = new(StringComparer.Ordinal)
    {
        ["BOOL"] = 1, ["U8"] = 1, ["I8"] = 1, ["F8_E5M2"] = 1, ["F8_E4M3"] = 1, ["F8_E8M0"] = 1,
        ["I16"] = 2, ["U16"] = 2, ["F16"] = 2, ["BF16"] = 2,
        ["I32"] = 4, ["U32"] = 4, ["F32"] = 4,
        ["I64"] = 8, ["U64"] = 8, ["F64"] = 8, ["C64"] = 8,
    };

    /// <summary>Parses and checks a header.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">Number of bytes after the header.</param>
    /// <exception cref="InvalidDataException">A rule is broken.</exception>
    public static IReadOnlyList<SafeTensorsEntry> Parse(string path, byte[] json, long dataLength)
    {
        if (json.Length == 0 || json[0] != (byte)'{') throw Broken(path, "the header at offset 8 does not begin with '{'");
        if (!Utf8.IsValid(json)) throw Broken(path, "the header at offset 8 is not UTF-8");
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Read(path, document.RootElement, dataLength);
        }
        catch (JsonException e)
        {
            throw Broken(path, $"the header is not JSON at byte {8 + (e.BytePositionInLine ?? 0)} (line {(e.LineNumber ?? 0) + 1}): {e.Message}");
        }
        catch (InvalidOperationException e)
        {
            // The JSON reader accepts an escaped half of a surrogate pair, but cannot return it as a string.
            throw Broken(path, $"the header holds text that is not Unicode: {e.Message}");
        }
    }

    private static List<SafeTensorsEntry> Read(string path, JsonElement root, long dataLength)
    {
        List<SafeTensorsEntry> entries = [];
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (property.Name == MetadataKey) CheckMetadata(path, property.Value);
            else entries.Add(ReadEntry(path, property.Name, property.Value, dataLength));
        }

        // Zero-sized tensors share their offset with the next one: by end, they come first.
        entries.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        long end = 0;
        foreach (SafeTensorsEntry entry in entries)
        {
            if (entry.Begin < end)
            {
                throw Broken(path, $"tensor {entry.Name} begins at data offset {entry.Begin}, inside the one before it, which ends at {end}");
            }
            if (entry.Begin > end)
            {
                throw Broken(
                    path, $"tensor {entry.Name} begins at data offset {entry.Begin}, but the one before it ends at {end}; no holes are allowed");
            }
            end = entry.End;
        }

        if (end != dataLength) throw Broken(path, $"the tensors end at data offset {end}, but {dataLength} bytes follow the header");
        return entries;
    }

    private static void CheckMetadata(string path, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null) return;
        if (value.ValueKind != JsonValueKind.Object) throw Broken(path, $"{MetadataKey} is {value.ValueKind} where an object of strings belongs");
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
            {
                throw Broken(path, $"{MetadataKey}.{property.Name} is {property.Value.ValueKind}; it must be a string");
            }
        }
    }

    private static SafeTensorsEntry ReadEntry(string path, string name, JsonElement value, long dataLength)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Broken(path, $"tensor {name} is {value.ValueKind} where an object belongs");
        JsonElement dtype = Field(path, name, value, "dtype", JsonValueKind.String);
        JsonElement sizes = Field(path, name, value, "shape", JsonValueKind.Array);
        JsonElement offsets = Field(path, name, value, "data_offsets", JsonValueKind.Array);

        string type = dtype.GetString()!;
        if (!sizesOfTypes.TryGetValue(type, out int elementSize)) throw Broken(path, $"tensor {name} has the unknown dtype {type}");

        int[] shape = new int[sizes.GetArrayLength()];
        if (shape.Length > HighestRank) throw Broken(path, $"tensor {name} has {shape.Length} dimensions; at most {HighestRank} are read");
        long count = 1;
        bool empty = false;
        for (int i = 0; i < shape.Length; i++)
        {
            JsonElement size = sizes[i];
            if (size.ValueKind != JsonValueKind.Number || !size.TryGetInt32(out shape[i]) || shape[i] < 0)
            {
                throw Broken(path, $"tensor {name} has the size {size.GetRawText()} in dimension {i}; sizes are integers from 0 to {int.MaxValue}");
            }

            // A zero makes the tensor empty whatever the other sizes are, so it must not hide an overflow of their product.
            empty |= shape[i] == 0;
            if (shape[i] == 0) continue;
            if (count > Array.MaxLength / shape[i])
            {
                throw Broken(path, $"tensor {name} has more than {Array.MaxLength} elements, the most that one array holds");
            }
            count *= shape[i];
        }

        long bytes = empty ? 0 : count * elementSize;
        if (offsets.GetArrayLength() != 2 || !Offset(offsets[0], out long begin) || !Offset(offsets[1], out long end))
        {
            throw Broken(path, $"tensor {name} has the data_offsets {offsets.GetRawText()}; they must be two integers, begin and end");
        }

        if (begin < 0 || end < begin || end > dataLength)
        {
            throw Broken(
                path, $"tensor {name} claims data offsets [{begin}, {end}), which must be ascending and within the {dataLength} bytes of data");
        }

        if (end - begin != bytes)
        {
            throw Broken(
                path, $"tensor {name} at data offset {begin} has {end - begin} bytes, but {type} [{string.Join(", ", shape)}] takes {bytes}");
        }

        return new SafeTensorsEntry(name, type, shape, begin, end);
    }

    private static JsonElement Field(string path, string tensor, JsonElement entry, string key, JsonValueKind kind)
    {
        if (!entry.TryGetProperty(key, out JsonElement value)) throw Broken(path, $"tensor {tensor} has no {key}");
        if (value.ValueKind != kind) throw Broken(path, $"tensor {tensor} has {value.ValueKind} as {key} where {kind} belongs");
        return value;
    }

    private static bool Offset(JsonElement element, out long value)
    {
        value = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out value);
    }

    private static InvalidDataException Broken(string path, string what) =>
        new($"{path}: {what}; the file is damaged or no safetensors file, fetch it again or save it anew");
}
