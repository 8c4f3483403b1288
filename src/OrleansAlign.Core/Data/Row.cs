using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>One row of a file: reads its fields, with errors that name file, line and field.</summary>
internal sealed class Row(string file, int line, JsonObject value, DataReport? report)
{
    private static readonly string[] Roles = ["system", "user", "assistant", "tool"];

    public int Line => line;

    public RowSource Source => new(file, line);

    /// <summary>Counts the row as valid but unusable, by reason.</summary>
    public void Skip(string reason) => report?.AddSkipped(reason);

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

    /// <summary>A conversation: a list of messages, or text, which is one user message.</summary>
    public IReadOnlyList<ChatMessage> Conversation(string key)
    {
        JsonNode? node = Get(key);
        if (node is JsonArray list) return Messages(list, $"\"{key}\"");
        if (node?.GetValueKind() != JsonValueKind.String)
            throw Broken($"\"{key}\" is {Kind(node)}; it must be text or a list of messages {{\"role\", \"content\"}}");
        string text = Text(node, $"\"{key}\"");
        return string.IsNullOrWhiteSpace(text)
            ? throw Broken($"\"{key}\" is empty; give the text of the user's message")
            : [new ChatMessage("user", text)];
    }

    public IReadOnlyList<ChatMessage> Messages(JsonArray list, string name)
    {
        if (list.Count == 0) throw Broken($"{name} is an empty list; it must hold at least one message");
        var messages = new List<ChatMessage>(list.Count);
        for (int i = 0; i < list.Count; i++)
        {
            JsonObject message = Object(list[i], $"{name}[{i}]");
            string role = Text(message["role"], $"{name}[{i}].role");
            JsonNode? content = message["content"];
            JsonObject? extra = null;
            foreach ((string key, JsonNode? node) in message)
            {
                if (key is not ("role" or "content")) (extra ??= [])[key] = node?.DeepClone();
            }

            if (!Roles.Contains(role)) throw Broken($"{name}[{i}].role is '{role}'; it must be one of {string.Join(", ", Roles)}");
            bool callsTools = content is null && extra?.ContainsKey("tool_calls") == true;
            messages.Add(new ChatMessage(role, callsTools ? "" : Text(content, $"{name}[{i}].content")) { Extra = extra });
        }

        return messages;
    }

    /// <summary>A conversation that awaits an answer.</summary>
    public IReadOnlyList<ChatMessage> PromptMessages(string key)
    {
        IReadOnlyList<ChatMessage> messages = Conversation(key);
        return messages[^1].Role is "user" or "tool"
            ? messages
            : throw Broken($"\"{key}\" ends with a message of role '{messages[^1].Role}'; a prompt must end with the user's: remove what follows it");
    }

    private static string Kind(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "missing or null",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.Array => "a list",
        _ => "an object",
    };
}
