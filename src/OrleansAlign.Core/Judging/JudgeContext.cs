using System.Text;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Core.Judging;

/// <summary>
/// A conversation as one text for a judge's <c>{context}</c>: a single request as it is, several turns as "User: …" and "Assistant: …", a blank
/// line between.
/// </summary>
public static class JudgeContext
{
    /// <summary>The conversation in which a judge is asked: the template's system message, if it has one, and its filled user message.</summary>
    internal static IReadOnlyList<ChatMessage> Question(string? system, MarkedText user)
    {
        ChatMessage message = ChatMessage.Of("user", user);
        return system is null ? [message] : [new ChatMessage("system", system), message];
    }

    /// <summary>Renders the turns before the responses that are judged; other roles appear under their own names ("System: …").</summary>
    public static string Render(IReadOnlyList<ChatMessage> messages)
    {
        if (messages is [{ Role: "user" } only]) return only.Content;
        var text = new StringBuilder();
        foreach (ChatMessage message in messages)
        {
            if (text.Length > 0) text.Append("\n\n");
            string role = message.Role;
            if (role.Length > 0) text.Append(char.ToUpperInvariant(role[0])).Append(role, 1, role.Length - 1).Append(": ");
            text.Append(message.Content);
        }

        return text.ToString();
    }
}
