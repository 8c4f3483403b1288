using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Models.Tests.Chat;

/// <summary>One conversation under one template, and what it must render to.</summary>
public sealed record ChatCase(string File, int Index, JsonObject Root, JsonObject Case)
{
    private static readonly string[] NotVariables =
        ["template_name", "template", "conversation", "messages", "add_generation_prompt", "rendered", "error", "variables", "name", "comment"];

    public override string ToString() => $"{File} {Index}: {Case["template_name"]} {Case["conversation"]}";

    public ChatTemplate Template()
    {
        JsonNode template = Root["templates"]?[(string?)Case["template_name"] ?? ""] ?? Case;
        string source = (string?)template["chat_template"] ?? (string)template["template"]!;
        var tokens = new SpecialTokenTexts(Token("bos_token"), Token("eos_token"), Token("pad_token"), Token("unk_token"));
        return ChatTemplate.Parse(source, (string?)Case["template_name"] ?? "case", tokens, new ChatTemplateOptions { Time = FixedTime.Default });

        string? Token(string name) => (string?)template[name];
    }

    public List<ChatMessage> Messages()
    {
        JsonNode? messages = Case["messages"] ?? Case["conversation"] as JsonArray ?? Root["conversations"]?[(string)Case["conversation"]!];
        if (messages is JsonObject wrapped) messages = wrapped["messages"];
        return [.. messages!.AsArray().Select(message => ChatMessage.FromJson(message!.AsObject()))];
    }

    public bool AddGenerationPrompt => (bool?)Case["add_generation_prompt"] ?? false;

    /// <summary>What the conversation, the case and its <c>variables</c> pass beside the messages.</summary>
    public JsonObject Variables()
    {
        var variables = new JsonObject();
        JsonNode? conversation = Case["conversation"] is JsonValue name ? Root["conversations"]?[(string)name!] : null;
        foreach (JsonObject source in new[] { conversation as JsonObject, Case, Case["variables"] as JsonObject }.OfType<JsonObject>())
        {
            foreach ((string key, JsonNode? value) in source)
                if (!NotVariables.Contains(key)) variables[key] = value?.DeepClone();
        }

        return variables;
    }
}

/// <summary>The published templates' cases, which lie outside of the repository.</summary>
internal static class ChatFixtures
{
    public const string Absent = "There is no chat folder with cases in the fixtures (ALIGN_FIXTURES, or fixtures beside the repository).";

    public static string? Directory { get; } = Find();

    public static IEnumerable<ChatCase> Cases()
    {
        if (Directory is null) yield break;
        foreach (string path in System.IO.Directory.EnumerateFiles(Directory, "*.json").Order(StringComparer.Ordinal))
        {
            if (JsonNode.Parse(File.ReadAllText(path)) is not JsonObject root || root["cases"] is not JsonArray cases) continue;
            for (int i = 0; i < cases.Count; i++) yield return new ChatCase(Path.GetFileName(path), i, root, cases[i]!.AsObject());
        }
    }

    private static string? Find()
    {
        var roots = new List<string>();
        if (Environment.GetEnvironmentVariable("ALIGN_FIXTURES") is { Length: > 0 } given) roots.Add(given);
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            roots.Add(Path.Combine(at.FullName, "tests", "fixtures"));
            if (at.Parent is not null) roots.Add(Path.Combine(at.Parent.FullName, "shared", "fixtures"));
        }

        return roots.Select(root => Path.Combine(root, "chat")).FirstOrDefault(HasCases);
    }

    private static bool HasCases(string chat) => System.IO.Directory.Exists(chat) && System.IO.Directory.EnumerateFiles(chat, "*.json").Any();
}

/// <summary>A theory over the cases; skips when there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChatTheoryAttribute : TheoryAttribute
{
    public ChatTheoryAttribute()
    {
        if (ChatFixtures.Directory is null) Skip = ChatFixtures.Absent;
    }
}

/// <summary>A fact about the cases; skips when there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChatFactAttribute : FactAttribute
{
    public ChatFactAttribute()
    {
        if (ChatFixtures.Directory is null) Skip = ChatFixtures.Absent;
    }
}

/// <summary>A clock that stands still.</summary>
internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public static FixedTime Default { get; } = new(new DateTimeOffset(2024, 7, 26, 15, 4, 5, TimeSpan.Zero));

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => now;
}
