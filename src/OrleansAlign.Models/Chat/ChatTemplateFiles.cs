using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Models.Chat;

/// <summary>Finds templates and special tokens among a model's files.</summary>
internal static class ChatTemplateFiles
{
    private const string Default = "default", ForTools = "tool_use";

    /// <summary>The folder of further named templates beside <c>chat_template.jinja</c>; each file's name is the template's.</summary>
    public const string Additional = "additional_chat_templates";

    public static ChatTemplate? Load(string directory, ChatTemplateOptions? options)
    {
        string configPath = Path.Combine(directory, "tokenizer_config.json"), mapPath = Path.Combine(directory, "special_tokens_map.json");
        string jsonPath = Path.Combine(directory, "chat_template.json");
        JsonObject? config = ReadObject(configPath), map = ReadObject(mapPath);
        SpecialTokenTexts tokens = new(Token("bos_token"), Token("eos_token"), Token("pad_token"), Token("unk_token"));

        // Template files go before the configuration; where they hold no default, it comes from there.
        Dictionary<string, Source> named = FromFiles(directory);
        foreach ((JsonObject? json, string path) in new[] { (config, configPath), (null, jsonPath) })
        {
            if (named.ContainsKey(Default)) break;
            foreach ((string name, Source source) in FromJson(json ?? ReadObject(path), path)) named.TryAdd(name, source);
        }

        if (named.Count == 0) return null;
        if (!named.TryGetValue(Default, out Source? main))
        {
            throw new InvalidDataException(
                $"{named.Values.First().Path}: 'chat_template' has no template named 'default', only: {string.Join(", ", named.Keys)}. Rename one.");
        }

        ChatTemplate template = Parse(main);
        return named.TryGetValue(ForTools, out Source? tools) ? template.WithToolTemplate(Parse(tools)) : template;

        string? Token(string name) => TokenText(config, name, configPath) ?? TokenText(map, name, mapPath);

        ChatTemplate Parse(Source source) => ChatTemplate.Parse(source.Text, source.Path, tokens, options);
    }

    /// <summary>The paths, relative to a model's folder, of its further named templates.</summary>
    public static IEnumerable<string> AdditionalFiles(string directory)
    {
        string folder = Path.Combine(directory, Additional);
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.jinja").Select(file => Path.Combine(Additional, Path.GetFileName(file))).Order(StringComparer.Ordinal)
            : [];
    }

    private static Dictionary<string, Source> FromFiles(string directory)
    {
        var named = new Dictionary<string, Source>(StringComparer.Ordinal);
        string main = Path.Combine(directory, "chat_template.jinja");
        if (File.Exists(main)) named[Default] = new Source(ReadText(main), main);
        foreach (string file in AdditionalFiles(directory))
        {
            string path = Path.Combine(directory, file);
            named.TryAdd(Path.GetFileNameWithoutExtension(file), new Source(ReadText(path), path));
        }

        return named;
    }

    private static Dictionary<string, Source> FromJson(JsonObject? json, string path)
    {
        var named = new Dictionary<string, Source>(StringComparer.Ordinal);
        switch (json?["chat_template"])
        {
            case null:
                break;
            case JsonArray list:
                foreach (JsonNode? item in list)
                {
                    if (item is not JsonObject entry || Text(entry["name"]) is not string name || Text(entry["template"]) is not string source)
                        throw Wrong(path, "chat_template", item, "a list of {\"name\", \"template\"}");
                    named[name] = new Source(source, name == Default ? path : $"{path} ({name})");
                }

                break;
            case var node:
                named[Default] = new Source(
                    Text(node) ?? throw Wrong(path, "chat_template", node, "a text, or a list of {\"name\", \"template\"}"), path);
                break;
        }

        return named;
    }

    private static string ReadText(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        GitLfs.Refuse(path, bytes);
        using var reader = new StreamReader(new MemoryStream(bytes));
        return reader.ReadToEnd();
    }

    private static JsonObject? ReadObject(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            JsonNode? node = JsonNode.Parse(ReadText(path), documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
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

    /// <summary>A template's text and the place it was read from.</summary>
    private sealed record Source(string Text, string Path);
}
