using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansAlign.Core.Data.Verification;

/// <summary>A check's settings, read with errors that name the key.</summary>
internal sealed class CheckSettings(JsonObject check)
{
    /// <summary>A text; without <paramref name="otherwise"/> it must be there.</summary>
    /// <exception cref="InvalidDataException">The key is missing or no text.</exception>
    public string Text(string key, string? otherwise = null) => Get(key) is null && otherwise is not null ? otherwise : AsText(Get(key), $"\"{key}\"");

    /// <summary>One text or a list of texts, at least one, none empty.</summary>
    /// <exception cref="InvalidDataException">It is missing, empty, or holds something else.</exception>
    public IReadOnlyList<string> Texts(string key)
    {
        JsonNode? node = Get(key);
        string[] texts = node is JsonArray list ? [.. list.Select((n, i) => AsText(n, $"\"{key}\"[{i}]"))] : [AsText(node, $"\"{key}\"")];
        return texts.Length > 0 && texts.All(t => t.Length > 0)
            ? texts
            : throw Broken($"\"{key}\" is empty or holds an empty text; give at least one, none of them empty");
    }

    /// <summary>A finite number.</summary>
    /// <exception cref="InvalidDataException">It is no finite number, or missing without a default.</exception>
    public double Number(string key, double? otherwise = null)
    {
        JsonNode? node = Get(key);
        if (node is null && otherwise is { } value) return value;
        return node?.GetValueKind() == JsonValueKind.Number && node.AsValue().TryGetValue(out double read) && double.IsFinite(read)
            ? read
            : throw Broken($"\"{key}\" must be a finite number");
    }

    /// <summary>A whole number of at least 1.</summary>
    /// <exception cref="InvalidDataException">It is missing or something else.</exception>
    public int Count(string key) => Number(key) is var number && number >= 1 && number <= int.MaxValue && Math.Floor(number) == number
        ? (int)number
        : throw Broken($"\"{key}\" is {number}; it must be a whole number of 1 or more");

    /// <summary>True or false; false if missing.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public bool Flag(string key) => Get(key)?.GetValueKind() switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw Broken($"\"{key}\" must be true or false"),
    };

    private static InvalidDataException Broken(string message) => new($"check: {message}");

    private static string AsText(JsonNode? node, string name) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String
        ? value.GetValue<string>()
        : throw Broken($"{name} must be text");

    private JsonNode? Get(string key) => check[key];
}
