using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansAlign.Models.Chat;

/// <summary>Finds templates and special tokens among a model's files.</summary>
internal static class ChatTemplateFiles
{
    private const string ForTools = "tool_use";

    public static ChatTemplate? Load(string directory, ChatTemplateOptions? options)
    {
        string configPath = Path.Combine(directory, "tokenizer_config.json"), mapPath = Path.Combine(directory, "special_tokens_map.json");
        JsonObject? config = ReadObject(configPath), map = ReadObject(mapPath);
        SpecialTokenTexts tokens = new(Token("bos_token"), Token("eos_token"), Token("pad_token"), Token("unk_token"));

        string jinjaPath = Path.Combine(directory, "chat_template.jinja"), jsonPath = Path.Combine(directory, "chat_template.json");
        if (File.Exists(jinjaPath)) return ChatTemplate.Parse(File.ReadAllText(jinjaPath), jinjaPath, tokens, options);
        return FromJson(config, configPath) ?? FromJson(ReadObject(jsonPath), jsonPath);

        string? Token(string name) => TokenText(config, name, configPath) ?? TokenText(map, name, mapPath);

        ChatTemplate? FromJson(JsonObject? json, string path) => json?["chat_template"] switch
        {
            null => null,
            JsonArray named => FromList(named, path),
            var node when node.GetValueKind() == JsonValueKind.String => ChatTemplate.Parse(node.GetValue<string>(), path, tokens, options),
            var node => throw Wrong(path, "chat_template", node, "a text, or a list of {\"name\", \"template\"}"),
        };

        ChatTemplate FromList(JsonArray named, string path)
        {
            var templates = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (JsonNode? item in named)
            {
                if (item is not JsonObject entry || Text(entry["name"]) is not string name || Text(entry["template"]) is not string source)
                    throw Wrong(path, "chat_template", item, "a list of {\"name\", \"template\"}");
                templates[name] = source;
            }

            if (!templates.TryGetValue("default", out string? main))
            {
                string names = string.Join(", ", templates.Keys);
                throw new InvalidDataException($"{path}: 'chat_template' has no template named 'default', only: {names}. Rename one.");
            }

            ChatTemplate template = ChatTemplate.Parse(main, path, tokens, options);
            return templates.TryGetValue(ForTools, out string? tools)
                ? template.WithToolTemplate(ChatTemplate.Parse(tools, $"{path} ({ForTools})", tokens, options))
                : template;
        }
    }

    private static JsonObject? ReadObject(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            JsonNode? node = JsonNode.Parse(File.ReadAllText(path), documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            return node as JsonObject ?? throw Wrong(path, "the file", node, "an object");
        }
        catch (JsonException broken)
        {
            string place = broken.LineNumber is long line ? $" at line {line + 1}" : "";
            throw new InvalidDataException($"{path}: not JSON{place}: {broken.Message} Download the file again.", broken);
        }
    }

    /// <summary>A token's text, written as such or as an object with <c>content</c>.</summary>
    private static string? TokenText(JsonObject? json, string name, string path)
    {
        JsonNode? node = json?[name];
        JsonNode? text = node is JsonObject added ? added["content"] : node;
        if (node is null) return null;
        return Text(text) ?? throw Wrong(path, name, node, "a text, or an object with a text 'content'");
    }

    private static string? Text(JsonNode? node) => node is not null && node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    private static InvalidDataException Wrong(string path, string key, JsonNode? node, string rule)
    {
        string value = node?.ToJsonString() ?? "null";
        return new InvalidDataException($"{path}: '{key}' is {(value.Length > 80 ? value[..80] + "…" : value)}; it must be {rule}.");
    }
}
