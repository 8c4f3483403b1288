using System.Text;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Tests.Chat;

/// <summary>Short ways to render.</summary>
internal static class Rendering
{
    /// <summary>Renders with variables only.</summary>
    public static MarkedText Render(string template, JsonObject? variables = null, ChatTemplateOptions? options = null) =>
        ChatTemplate.Parse(template, "test", options: options).Render([], addGenerationPrompt: false, variables);

    /// <summary>Renders a conversation.</summary>
    public static MarkedText Render(string template, params ChatMessage[] messages) =>
        ChatTemplate.Parse(template, "test", new SpecialTokenTexts("<s>", "</s>")).Render(messages, addGenerationPrompt: true);

    /// <summary>The text with what is content between ‹ and ›.</summary>
    public static string Show(MarkedText text)
    {
        var shown = new StringBuilder();
        int from = 0;
        foreach (TextSpan span in text.Content)
        {
            shown.Append(text.Text, from, span.Start - from).Append('‹').Append(text.Text, span.Start, span.Length).Append('›');
            from = span.End;
        }

        return shown.Append(text.Text, from, text.Text.Length - from).ToString();
    }
}
