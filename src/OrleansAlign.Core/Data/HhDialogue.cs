using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>Reads a dialogue as Anthropic's HH data has it: turns that begin with "\n\nHuman:" or "\n\nAssistant:".</summary>
public static class HhDialogue
{
    private static readonly (string Marker, string Role)[] Markers = [("\n\nHuman:", "user"), ("\n\nAssistant:", "assistant")];

    /// <summary>The turns, each without the white space around it, trailing turns that are not the assistant's dropped; null if the text
    /// is no such dialogue.</summary>
    public static IReadOnlyList<ChatMessage>? Parse(string text)
    {
        var turns = new List<ChatMessage>();
        (int at, string marker, string role) = Next(text, 0);
        if (at < 0 || !string.IsNullOrWhiteSpace(text[..at])) return null;
        while (at >= 0)
        {
            int start = at + marker.Length;
            (int end, string nextMarker, string nextRole) = Next(text, start);
            turns.Add(new ChatMessage(role, text[start..(end < 0 ? text.Length : end)].Trim()));
            (at, marker, role) = (end, nextMarker, nextRole);
        }

        while (turns.Count > 0 && turns[^1].Role != "assistant") turns.RemoveAt(turns.Count - 1);
        return turns.Count < 2 ? null : turns;
    }

    private static (int At, string Marker, string Role) Next(string text, int from)
    {
        (int At, string Marker, string Role) next = (-1, "", "");
        foreach ((string marker, string role) in Markers)
        {
            int at = text.IndexOf(marker, from, StringComparison.Ordinal);
            if (at >= 0 && (next.At < 0 || at < next.At)) next = (at, marker, role);
        }

        return next;
    }
}
