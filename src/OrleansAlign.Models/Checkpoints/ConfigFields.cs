using System.Text.Json;
using System.Text.Unicode;

namespace OrleansAlign.Models.Checkpoints;

/// <summary>The fields of a JSON object in a file, read with errors that name file, key, value and rule. JSON null counts as absent, as in Hugging
/// Face's files.</summary>
internal sealed class ConfigFields(string place, JsonElement json)
{
    /// <summary>Parses a file whose root is an object.</summary>
    /// <exception cref="InvalidDataException">It is not JSON, not UTF-8, or its root is no object.</exception>
    public static ConfigFields Parse(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        GitLfs.Refuse(path, bytes);
        if (!Utf8.IsValid(bytes)) throw new InvalidDataException($"{path}: the file is not UTF-8; save it as such");
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement root = document.RootElement.Clone();
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidDataException($"{path}: the root is {root.ValueKind} where an object belongs");
            }
            return new ConfigFields(path, root);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: not JSON at line {(e.LineNumber ?? 0) + 1}, byte {e.BytePositionInLine ?? 0}: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // The parser accepts an escaped half of a surrogate pair in a key, but it is not Unicode text.
            throw new InvalidDataException($"{path}: a key is not Unicode text: {e.Message}", e);
        }
    }

    public InvalidDataException Broken(string key, string rule)
    {
        string value = json.TryGetProperty(key, out JsonElement element) ? element.GetRawText() : "absent";
        return new InvalidDataException($"{place}: {key} is {(value.Length > 200 ? value[..200] + "…" : value)}; {rule}");
    }

    public bool Has(string key) => TryGet(key, out _);

    /// <summary>Whether a key is there and holds null.</summary>
    public bool IsNull(string key) => json.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>The keys whose values are not null.</summary>
    public IEnumerable<string> Keys => json.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null).Select(p => p.Name);

    /// <summary>Whether two keys hold the same value.</summary>
    public bool Same(string key, string other) => TryGet(key, out JsonElement a) == TryGet(other, out JsonElement b) && JsonElement.DeepEquals(a, b);

    public ConfigFields? Object(string key)
    {
        if (!TryGet(key, out JsonElement value)) return null;
        return value.ValueKind == JsonValueKind.Object ? new ConfigFields($"{place}: {key}", value) : throw Broken(key, "it must be an object");
    }

    /// <summary>The object's keys and their values, which must all be strings.</summary>
    public IEnumerable<(string Key, string Value)> Strings()
    {
        foreach (JsonProperty property in json.EnumerateObject()) yield return (property.Name, Text(property.Name, property.Value));
    }

    public string? String(string key) => TryGet(key, out JsonElement value) ? Text(key, value) : null;

    public IReadOnlyList<string> StringList(string key)
    {
        if (!TryGet(key, out JsonElement value)) return [];
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(e => Text(key, e))]
            : throw Broken(key, "it must be a list of strings");
    }

    public bool Flag(string key, bool fallback)
    {
        if (!TryGet(key, out JsonElement value)) return fallback;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Broken(key, "it must be true or false"),
        };
    }

    /// <summary>An integer in [<paramref name="least"/>, <paramref name="most"/>]; absent without a <paramref name="fallback"/> is an
    /// error.</summary>
    public int Integer(string key, int least, int most, int? fallback = null)
    {
        if (!TryGet(key, out JsonElement value)) return fallback ?? throw Broken(key, $"it is needed, an integer from {least} to {most}");
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int result) || result < least || result > most)
        {
            throw Broken(key, $"it must be an integer from {least} to {most}");
        }

        return result;
    }

    /// <summary>A finite number above 0; absent without a <paramref name="fallback"/> is an error.</summary>
    public double Positive(string key, double? fallback = null)
    {
        if (!TryGet(key, out JsonElement value)) return fallback ?? throw Broken(key, "it is needed, a number above 0");
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double result) || !(result > 0) || double.IsInfinity(result))
        {
            throw Broken(key, "it must be a finite number above 0");
        }

        return result;
    }

    /// <summary>A list of <paramref name="count"/> finite numbers above 0.</summary>
    public IReadOnlyList<double> PositiveList(string key, int count)
    {
        TryGet(key, out JsonElement value);
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != count) throw Broken(key, $"it must be a list of {count} numbers above 0");
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++)
        {
            if (value[i].ValueKind != JsonValueKind.Number || !value[i].TryGetDouble(out numbers[i]) || !(numbers[i] > 0) || double.IsInfinity(numbers[i]))
            {
                throw Broken(key, $"its element {i} is {value[i].GetRawText()}; each must be a finite number above 0");
            }
        }

        return numbers;
    }

    /// <summary>One token id or a list of them; null where the key is absent.</summary>
    public IReadOnlyList<int>? TokenIds(string key, int vocabularySize)
    {
        if (!TryGet(key, out JsonElement value)) return null;
        List<int> ids = [];
        foreach (JsonElement element in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value])
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int id) || id < 0 || id >= vocabularySize)
            {
                throw Broken(key, $"token ids are integers from 0 to {vocabularySize - 1} (vocab_size − 1)");
            }

            ids.Add(id);
        }

        return ids;
    }

    private string Text(string key, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) throw Broken(key, "it must be a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Broken(key, "it is not Unicode text");
        }
    }

    private bool TryGet(string key, out JsonElement value) => json.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;
}
