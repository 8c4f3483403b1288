using OrleansAlign.Core.Data;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Stages;

/// <summary>What becomes of a row that is longer than the model's context.</summary>
public enum TooLong
{
    /// <summary>It is left out, counted, and told with the first lines.</summary>
    Skip,

    /// <summary>The run is refused, with a line for each of the first rows.</summary>
    Refuse,

    /// <summary>The oldest turns after a system turn are left out until it fits; a row whose last turns alone do not fit is left out.</summary>
    CutLeft,
}

/// <summary>Decides about the rows of one file, or of files that are read together, that are too long.</summary>
/// <param name="rule">What becomes of them.</param>
/// <param name="place">The files, as messages name them.</param>
/// <param name="what">What is counted, such as <c>rows</c>.</param>
/// <param name="context">The model's context, in tokens.</param>
internal sealed class LengthRule(TooLong rule, string place, string what, int context)
{
    private const int Told = 5;

    private readonly List<string> first = [];
    private int left, cut, longest;

    /// <summary>Rows that were left out.</summary>
    public int Left => left;

    /// <summary>The conversation that is used of a row: as it is, without its oldest turns, or null if the row is left out.</summary>
    /// <param name="source">Where the row stands.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="kept">Number of last turns that are never cut.</param>
    /// <param name="length">Its length in tokens, with all that belongs to it.</param>
    /// <param name="most">The greatest length that fits.</param>
    public IReadOnlyList<ChatMessage>? Fit(
        RowSource source, IReadOnlyList<ChatMessage> messages, int kept, Func<IReadOnlyList<ChatMessage>, int> length, int most)
    {
        int tokens = length(messages);
        if (tokens <= most) return messages;
        longest = Math.Max(longest, tokens);
        if (first.Count < Told) first.Add($"{source} ({tokens} tokens)");
        if (rule == TooLong.CutLeft)
        {
            int head = messages.TakeWhile(m => m.Role is "system" or "developer").Count();
            for (int from = head + 1; from <= messages.Count - kept; from++)
            {
                if (messages[from].Role != "user") continue;
                ChatMessage[] rest = [.. messages.Take(head), .. messages.Skip(from)];
                if (length(rest) > most) continue;
                cut++;
                return rest;
            }
        }

        left++;
        return null;
    }

    /// <summary>Notes what was left out and cut.</summary>
    /// <exception cref="InvalidDataException">Rows are too long and the rule refuses them.</exception>
    public void Tell(List<string> notes)
    {
        string examples = $"(longest: {longest} tokens); first at {string.Join(", ", first)}{(left + cut > first.Count ? ", …" : "")}";
        if (left > 0 && rule == TooLong.Refuse)
        {
            throw new InvalidDataException($"{place}: {left} {what} are longer than the context of {context} tokens {examples}; "
                + "shorten them, or set too-long to skip or cut-left");
        }

        if (left > 0) notes.Add($"{place}: {left} {what} left out: longer than the context of {context} tokens {examples}");
        if (cut > 0) notes.Add($"{place}: {cut} {what} lost their oldest turns, to fit the context of {context} tokens {examples}");
    }
}
