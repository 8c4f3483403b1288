using System.Text.RegularExpressions;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>Reads a dialogue as Anthropic's HH data has it: turns that begin with "\n\nHuman:" or "\n\nAssistant:".</summary>
public static partial class HhDialogue
{
    /// <summary>The turns, each without the white space around it, trailing turns that are not the assistant's dropped; null if the text
    /// is no such dialogue.</summary>
    public static IReadOnlyList<ChatMessage>? Parse(string text)
    {
        MatchCollection markers = Marker().Matches(text);
        if (markers.Count == 0 || !string.IsNullOrWhiteSpace(text[..markers[0].Index])) return null;
        IEnumerable<int> ends = markers.Skip(1).Select(next => next.Index).Append(text.Length);
        List<ChatMessage> turns = [.. markers.Zip(ends, (marker, end) => new ChatMessage(
            marker.Value == "\n\nHuman:" ? "user" : "assistant", text[(marker.Index + marker.Length)..end].Trim()))];
        while (turns.Count > 0 && turns[^1].Role != "assistant") turns.RemoveAt(turns.Count - 1);
        return turns.Count < 2 ? null : turns;
    }

    [GeneratedRegex("\n\n(Human|Assistant):", RegexOptions.CultureInvariant)]
    private static partial Regex Marker();
}
