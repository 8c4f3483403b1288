using System.Buffers;
using System.Text;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>A stretch of a text: an added token, or what lies between two.</summary>
/// <param name="Start">First code unit.</param>
/// <param name="End">First code unit after it.</param>
/// <param name="Id">The token's id; −1 for text.</param>
internal readonly record struct Segment(int Start, int End, int Id);

/// <summary>Finds added tokens in a text: the leftmost, and of those the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<(int Node, char Next), int> edges = [];
    private readonly List<AddedToken?> ends = [null];
    private readonly SearchValues<char> firsts;

    /// <summary>Takes the tokens, each with its spelling in the texts that are searched.</summary>
    public AddedTokenMatcher(IEnumerable<(string Spelling, AddedToken Token)> tokens)
    {
        HashSet<char> starts = [];
        foreach ((string spelling, AddedToken token) in tokens)
        {
            if (spelling.Length == 0) continue;
            starts.Add(spelling[0]);
            int node = 0;
            foreach (char c in spelling)
            {
                if (!edges.TryGetValue((node, c), out int next))
                {
                    next = ends.Count;
                    ends.Add(null);
                    edges[(node, c)] = next;
                }

                node = next;
            }

            ends[node] = token;
        }

        firsts = SearchValues.Create([.. starts]);
    }

    /// <summary>Whether there are no tokens to find.</summary>
    public bool IsEmpty => ends.Count == 1;

    /// <summary>Cuts [<paramref name="start"/>, <paramref name="end"/>) of a text into added tokens and what lies between.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the piece to cut starts; earlier text is ignored.</param>
    /// <param name="end">Where the piece to cut ends; later text is ignored.</param>
    /// <param name="marks">The marks of outside content, or null. A control token that overlaps content is not matched.</param>
    /// <param name="into">Where the segments go.</param>
    public void Cut(string text, int start, int end, MarkedText? marks, List<Segment> into)
    {
        int copied = start;
        for (int at = start; at < end;)
        {
            int skip = text.AsSpan(at, end - at).IndexOfAny(firsts);
            if (skip < 0) break;
            at += skip;
            if (Longest(text, at, end, marks, out int matchEnd) is not { } token)
            {
                at++;
                continue;
            }

            int from = at, to = matchEnd;
            at = matchEnd;
            if (token.SingleWord && !StandsAlone(text, start, end, from, to, token.IsControl ? marks : null)) continue;
            if (token.StripsLeft) while (from > copied && char.IsWhiteSpace(text[from - 1])) from--;
            if (token.StripsRight) while (to < end && char.IsWhiteSpace(text[to])) to++;
            if (copied < from) into.Add(new Segment(copied, from, -1));
            into.Add(new Segment(from, to, token.Id));
            copied = to;
        }

        if (copied < end) into.Add(new Segment(copied, end, -1));
    }

    /// <summary>
    /// Whether no word character adjoins. Content beside a control token of the frame is ignored; otherwise content could prevent the match.
    /// </summary>
    private static bool StandsAlone(string text, int start, int end, int from, int to, MarkedText? marks)
    {
        bool wordBefore = from > start && !(marks?.IsContent(from - 1) ?? false)
            && Rune.DecodeLastFromUtf16(text.AsSpan(start, from - start), out Rune before, out _) == OperationStatus.Done
            && RuneKinds.IsWord(before.Value);
        bool wordAfter = to < end && !(marks?.IsContent(to) ?? false)
            && Rune.DecodeFromUtf16(text.AsSpan(to, end - to), out Rune after, out _) == OperationStatus.Done
            && RuneKinds.IsWord(after.Value);
        return !wordBefore && !wordAfter;
    }

    private AddedToken? Longest(string text, int start, int end, MarkedText? marks, out int matchEnd)
    {
        AddedToken? longest = null;
        matchEnd = start;
        int node = 0;
        for (int i = start; i < end && edges.TryGetValue((node, text[i]), out node); i++)
        {
            if (ends[node] is not { } token || (marks is not null && token.IsControl && marks.Overlaps(start, i + 1))) continue;
            (longest, matchEnd) = (token, i + 1);
        }

        return longest;
    }
}
