namespace OrleansAlign.Models.Tokenizers;

/// <summary>What becomes of the matches when a text is split at them.</summary>
internal enum SplitBehavior
{
    /// <summary>Each match is a piece of its own.</summary>
    Isolated,

    /// <summary>Matches are dropped.</summary>
    Removed,

    /// <summary>A match joins the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>A match joins the piece after it.</summary>
    MergedWithNext,

    /// <summary>Matches that touch are one piece.</summary>
    Contiguous,
}

/// <summary>Splits texts at the matches of a scanner.</summary>
internal static class Splitting
{
    /// <summary>
    /// Appends to <paramref name="into"/> the pieces of <paramref name="text"/>, shifted by <paramref name="offset"/>; empty ones are left out.
    /// </summary>
    public static void Split(ReadOnlySpan<char> text, int offset, Scanner scanner, SplitBehavior behavior, bool invert, List<TextRange> into)
    {
        List<TextRange> matches = [];
        scanner.Find(text, matches);
        if (scanner is CoveringScanner && behavior == SplitBehavior.Isolated)
        {
            foreach (TextRange match in matches) into.Add(match with { Start = match.Start + offset });
            return;
        }

        List<(TextRange Range, bool IsMatch)> parts = Cover(text.Length, matches, invert);
        int first = into.Count;
        switch (behavior)
        {
            case SplitBehavior.Isolated:
                foreach ((TextRange range, _) in parts) into.Add(range);
                break;
            case SplitBehavior.Removed:
                foreach ((TextRange range, bool isMatch) in parts)
                {
                    if (!isMatch) into.Add(range);
                }

                break;
            case SplitBehavior.Contiguous:
                Merge(parts, into, (isMatch, previous) => isMatch == previous);
                break;
            case SplitBehavior.MergedWithPrevious:
                Merge(parts, into, (isMatch, previous) => isMatch && !previous);
                break;
            default:
                MergeBackwards(parts, into);
                break;
        }

        int kept = first;
        for (int i = first; i < into.Count; i++)
        {
            if (into[i].Length > 0) into[kept++] = into[i] with { Start = into[i].Start + offset };
        }

        into.RemoveRange(kept, into.Count - kept);
    }

    /// <summary>Matches and what lies between them, in order.</summary>
    private static List<(TextRange Range, bool IsMatch)> Cover(int length, List<TextRange> matches, bool invert)
    {
        List<(TextRange, bool)> parts = new((2 * matches.Count) + 1);
        int previous = 0;
        foreach (TextRange match in matches)
        {
            if (match.Start > previous) parts.Add((new TextRange(previous, match.Start - previous), invert));
            parts.Add((match, !invert));
            previous = match.End;
        }

        if (previous < length) parts.Add((new TextRange(previous, length - previous), invert));
        return parts;
    }

    private static void Merge(List<(TextRange Range, bool IsMatch)> parts, List<TextRange> into, Func<bool, bool, bool> joins)
    {
        int first = into.Count;
        bool previous = false;
        foreach ((TextRange range, bool isMatch) in parts)
        {
            if (joins(isMatch, previous) && into.Count > first) into[^1] = new TextRange(into[^1].Start, range.End - into[^1].Start);
            else into.Add(range);
            previous = isMatch;
        }
    }

    private static void MergeBackwards(List<(TextRange Range, bool IsMatch)> parts, List<TextRange> into)
    {
        int first = into.Count;
        bool previous = false;
        for (int i = parts.Count - 1; i >= 0; i--)
        {
            (TextRange range, bool isMatch) = parts[i];
            if (isMatch && !previous && into.Count > first) into[^1] = new TextRange(range.Start, into[^1].End - range.Start);
            else into.Add(range);
            previous = isMatch;
        }

        into.Reverse(first, into.Count - first);
    }
}
