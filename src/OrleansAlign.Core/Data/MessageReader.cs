using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>Reads messages as data sets write them: role and content, or ShareGPT's from and value; content as text, parts of type text, or null.</summary>
internal static class MessageReader
{
    private static readonly string[] Roles = ["system", "user", "assistant", "tool", "developer"];

    // ShareGPT's names of speakers.
    private static readonly Dictionary<string, string> Speakers = new(StringComparer.Ordinal)
    {
        ["human"] = "user", ["user"] = "user", ["gpt"] = "assistant", ["assistant"] = "assistant", ["chatgpt"] = "assistant", ["bing"] = "assistant",
        ["bard"] = "assistant", ["model"] = "assistant", ["system"] = "system", ["tool"] = "tool", ["function"] = "tool", ["observation"] = "tool",
        ["function_response"] = "tool", ["developer"] = "developer",
    };

    /// <summary>A list of messages, and which of the assistant's are not to be trained.</summary>
    public static IReadOnlyList<ReadMessage> List(Row row, JsonArray list, string name)
    {
        if (list.Count == 0) throw row.Broken($"{name} is an empty list; it must hold at least one message");
        return [.. list.Select((node, i) => One(row, row.Object(node, $"{name}[{i}]"), $"{name}[{i}]"))];
    }

    /// <summary>One message.</summary>
    public static ReadMessage One(Row row, JsonObject message, string name)
    {
        (string roleKey, string contentKey) = message["role"] is null && message["from"] is not null ? ("from", "value") : ("role", "content");
        if (message[contentKey] is null && message["value"] is not null) contentKey = "value";
        string role = row.Text(message[roleKey], $"{name}.{roleKey}");
        if (roleKey == "from")
        {
            role = Speakers.GetValueOrDefault(role)
                ?? throw row.Broken($"{name}.from is '{role}'; it must be one of {string.Join(", ", Speakers.Keys)}");
        }
        else if (!Roles.Contains(role))
        {
            throw row.Broken($"{name}.role is '{role}'; it must be one of {string.Join(", ", Roles)}");
        }

        JsonObject extra = [];
        foreach ((string key, JsonNode? node) in message)
        {
            if (key == roleKey || key == contentKey || key is "weight" or "content" || node is null) continue;
            if (key == "role") throw row.Broken($"{name} has both \"from\" and \"role\"; keep one");
            extra[key] = WithoutNulls(node);
        }

        bool trained = Weight(row, message["weight"], name);
        JsonNode? content = message[contentKey];
        if (content is not null || !CallsTools(extra))
            return new ReadMessage(new ChatMessage(role, Content(row, content, $"{name}.{contentKey}")) { Extra = extra.Count > 0 ? extra : null }, trained);
        bool omits = !message.ContainsKey(contentKey);
        if (!omits) extra["content"] = null;
        return new ReadMessage(new ChatMessage(role, "") { Extra = extra, OmitsContent = omits }, trained);
    }

    /// <summary>Whether a message calls tools.</summary>
    public static bool CallsTools(JsonObject? extra) => extra?["tool_calls"] is JsonArray { Count: > 0 };

    /// <summary>The same value without the fields that are null: exports of tables fill in all fields that any row has.</summary>
    public static JsonNode WithoutNulls(JsonNode node)
    {
        if (node is JsonArray list) return new JsonArray([.. list.Select(item => item is null ? null : WithoutNulls(item))]);
        if (node is not JsonObject fields) return node.DeepClone();
        var kept = new JsonObject();
        foreach ((string key, JsonNode? value) in fields)
            if (value is not null) kept[key] = WithoutNulls(value);
        return kept;
    }

    private static bool Weight(Row row, JsonNode? node, string name)
    {
        if (node is null) return true;
        double? weight = node is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? node.GetValue<JsonElement>().GetDouble() : null;
        return weight switch
        {
            0 => false,
            1 => true,
            _ => throw row.Broken($"{name}.weight is {node.ToJsonString()}; it must be 0 (not trained) or 1 (trained)"),
        };
    }

    private static string Content(Row row, JsonNode? content, string name)
    {
        if (content is not JsonArray parts) return row.Text(content, name);
        return string.Concat(parts.Select((part, i) => part is JsonObject fields ? Part(row, fields, $"{name}[{i}]") : row.Text(part, $"{name}[{i}]")));
    }

    private static string Part(Row row, JsonObject part, string name)
    {
        string type = row.Text(part["type"], $"{name}.type");
        if (type != "text") throw row.Broken($"{name}.type is '{type}'; only parts of type text can be read");
        string? other = part.FirstOrDefault(pair => pair.Key is not ("type" or "text") && RowShape.CarriesText(pair.Value)).Key;
        if (other is not null) throw row.Broken($"{name}.{other} has text that a part of type text does not use; remove it");
        return row.Text(part["text"], $"{name}.text");
    }
}

/// <summary>A message as read.</summary>
/// <param name="Message">The message.</param>
/// <param name="Trained">False where the row gives it the weight 0.</param>
internal readonly record struct ReadMessage(ChatMessage Message, bool Trained);
