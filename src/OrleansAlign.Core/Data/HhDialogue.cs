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
        if (Turns(text) is not { } turns) return null;
        while (turns.Count > 0 && turns[^1].Role != "assistant") turns.RemoveAt(turns.Count - 1);
        return turns.Count < 2 ? null : turns;
    }

    /// <summary>The turns of a prompt, without the mark "\n\nAssistant:" at its end that asks for the answer; null if the text is no such
    /// dialogue.</summary>
    public static IReadOnlyList<ChatMessage>? ParsePrompt(string text)
    {
        if (Turns(text) is not { } turns) return null;
        if (turns[^1] is { Role: "assistant", Content: "" }) turns.RemoveAt(turns.Count - 1);
        return turns.Count > 0 && turns[0].Role == "user" ? turns : null;
    }

    private static List<ChatMessage>? Turns(string text)
    {
        MatchCollection markers = Marker().Matches(text);
        if (markers.Count == 0 || !string.IsNullOrWhiteSpace(text[..markers[0].Index])) return null;
        IEnumerable<int> ends = markers.Skip(1).Select(next => next.Index).Append(text.Length);
        return [.. markers.Zip(ends, (marker, end) => new ChatMessage(
            marker.Value == "\n\nHuman:" ? "user" : "assistant", text[(marker.Index + marker.Length)..end].Trim()))];
    }

    [GeneratedRegex("\n\n(Human|Assistant):", RegexOptions.CultureInvariant)]
    private static partial Regex Marker();
}
