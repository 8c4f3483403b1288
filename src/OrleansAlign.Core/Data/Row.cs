using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansAlign.Core.Data;

/// <summary>One row of a file: reads its fields, with errors that name file, line and field.</summary>
internal sealed class Row(string file, int line, JsonObject value, DataReport? report)
{
    public RowSource Source => new(file, line);

    public IEnumerable<string> Keys => value.Select(pair => pair.Key);

    /// <summary>Counts the row as valid but unusable, by reason.</summary>
    public void Skip(string reason) => report?.AddSkipped(reason, Source);

    /// <summary>Counts the row's shape.</summary>
    public void Shaped(string shape) => report?.AddShape(shape);

    public InvalidDataException Broken(string message) => new($"{file}:{line}: {message}");

    public bool Has(string key) => Get(key) is not null;

    /// <summary>The field's value; null if it is missing or null.</summary>
    public JsonNode? Get(string key) => value[key];

    public string Text(JsonNode? node, string name)
    {
        if (node is JsonValue text && text.GetValueKind() == JsonValueKind.String) return text.GetValue<string>();
        throw Broken($"{name} is {Kind(node)}; it must be text");
    }

    /// <summary>Text of a field that may be missing.</summary>
    public string? OptionalText(string key) => Get(key) is { } node ? Text(node, $"\"{key}\"") : null;

    public JsonArray List(JsonNode? node, string name) => node as JsonArray ?? throw Broken($"{name} is {Kind(node)}; it must be a list");

    public JsonObject Object(JsonNode? node, string name) => node as JsonObject ?? throw Broken($"{name} is {Kind(node)}; it must be an object");

    /// <summary>What a value is, in words.</summary>
    public static string Kind(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "missing or null",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.Array => "a list",
        _ => "an object",
    };
}
