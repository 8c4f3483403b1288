using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat.Jinja;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat;

/// <summary>The variables that a template sees.</summary>
internal static class ChatContext
{
    private static readonly string[] Reserved = ["messages", "add_generation_prompt"];

    public static Scope Build(
        IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, SpecialTokenTexts tokens, JsonObject? variables, Runtime runtime)
    {
        var scope = new Scope(Globals.Scope(runtime));
        scope.Set("tools", NoneValue.Instance);
        scope.Set("documents", NoneValue.Instance);
        SetToken(scope, "bos_token", tokens.Bos);
        SetToken(scope, "eos_token", tokens.Eos);
        SetToken(scope, "pad_token", tokens.Pad);
        SetToken(scope, "unk_token", tokens.Unk);
        foreach ((string name, JsonNode? variable) in variables ?? [])
        {
            if (Reserved.Contains(name))
                throw new ArgumentException($"The variable '{name}' is an argument of its own; pass it there.", nameof(variables));
            scope.Set(name, JsonText.Read(variable, runtime.Budget));
        }

        scope.Set("add_generation_prompt", BoolValue.Of(addGenerationPrompt));
        var turns = new List<Value>(messages.Count);
        for (int i = 0; i < messages.Count; i++) turns.Add(Turn(messages[i], i, runtime.Budget));
        scope.Set("messages", new ListValue(turns));
        return scope;
    }

    private static void SetToken(Scope scope, string name, string? text)
    {
        if (text is not null) scope.Set(name, StringValue.OfFrame(text));
    }

    private static DictValue Turn(ChatMessage message, int index, Budget budget)
    {
        ArgumentNullException.ThrowIfNull(message);
        var turn = new DictValue();
        MarkedText role = ChatTemplate.KnownRoles.Contains(message.Role) ? MarkedText.OfFrame(message.Role) : MarkedText.OfContent(message.Role);
        turn.Set(StringValue.OfFrame("role"), new StringValue(role));
        bool isReplaced = message.Extra?.ContainsKey("content") == true;
        if ((isReplaced || message.OmitsContent) && message.Content.Length > 0)
        {
            string other = isReplaced ? "a field 'content'" : "none";
            throw new ArgumentException($"Message {index} has both a text and {other}; leave its Content empty.", nameof(message));
        }

        if (message.Marked is { } marked && marked.Text != message.Content)
            throw new ArgumentException($"Message {index} has a marked text that differs from its Content; they must be equal.", nameof(message));

        if (!isReplaced && !message.OmitsContent)
            turn.Set(StringValue.OfFrame("content"), new StringValue(message.Marked ?? MarkedText.OfContent(message.Content)));
        foreach ((string name, JsonNode? field) in message.Extra ?? [])
        {
            if (name == "role")
                throw new ArgumentException($"Message {index} has a second 'role' among its further fields; remove it.", nameof(message));
            turn.Set(new StringValue(MarkedText.OfContent(name)), JsonText.Read(field, budget));
        }

        return turn;
    }
}
