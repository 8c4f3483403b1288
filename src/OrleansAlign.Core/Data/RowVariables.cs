using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansAlign.Core.Data;

/// <summary>Reads a row's own variables of the chat template: its tools, and those that it lists by name.</summary>
internal static class RowVariables
{
    /// <summary>The variables; null if the row has none.</summary>
    public static JsonObject? Of(Row row)
    {
        var variables = new JsonObject();
        foreach (string key in KnownKeys.Variables)
        {
            if (row.Get(key) is not { } given) continue;
            foreach ((string name, JsonNode? value) in row.Object(given, $"\"{key}\""))
            {
                if (value is not null) Set(row, variables, name, MessageReader.WithoutNulls(value), $"\"{key}\".{name}");
            }
        }

        if (Tools(row) is { Count: > 0 } tools) Set(row, variables, "tools", MessageReader.WithoutNulls(tools), "\"tools\"");
        return variables.Count > 0 ? variables : null;
    }

    private static void Set(Row row, JsonObject variables, string name, JsonNode value, string place)
    {
        if (variables[name] is { } other && !JsonNode.DeepEquals(other, value))
            throw row.Broken($"{place} contradicts another value that the row gives to the template's variable {name}; keep one");
        variables[name] = value;
    }

    private static JsonArray? Tools(Row row)
    {
        if (row.Get("tools") is not { } node) return null;
        if (node.GetValueKind() != JsonValueKind.String) return row.List(node, "\"tools\"");
        string text = node.GetValue<string>();
        if (string.IsNullOrWhiteSpace(text)) return null;
        try
        {
            if (JsonNode.Parse(text, documentOptions: JsonLines.Options) is JsonArray list) return list;
        }
        catch (JsonException)
        {
            // Reported below, like JSON of another shape.
        }

        throw row.Broken("\"tools\" is text that is no list in JSON; give a list of tools, or the text of one");
    }
}
