namespace OrleansAlign.Models.Tokenizers;

/// <summary>Finds all matches of one pattern in a text, from left to right, without overlap.</summary>
internal abstract class Scanner
{
    /// <summary>Appends the matches in <paramref name="text"/> to <paramref name="matches"/>, in order.</summary>
    public abstract void Find(ReadOnlySpan<char> text, List<TextRange> matches);
}

/// <summary>A scanner whose matches follow one another without a gap and are never empty.</summary>
internal abstract class CoveringScanner : Scanner
{
    /// <inheritdoc/>
    public sealed override void Find(ReadOnlySpan<char> text, List<TextRange> matches)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = Next(text, start);
            matches.Add(new TextRange(start, end - start));
            start = end;
        }
    }

    /// <summary>End of the match that starts at <paramref name="start"/>, which lies before the end of the text.</summary>
    protected abstract int Next(ReadOnlySpan<char> text, int start);

    /// <summary><c>\s+(?!\S)|\s+</c>: a run of spaces, without its last one if something follows that the last one may join.</summary>
    protected static int SpaceRun(ReadOnlySpan<char> text, int start, int firstLength)
    {
        // All of White_Space lies in the basic plane, so that the last space is one code unit.
        int end = RuneKinds.SkipWhile(text, start, RuneKind.Space);
        return end == text.Length || end - start == firstLength ? end : end - 1;
    }

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c>: a run of spaces up to its last line break, if it has one.</summary>
    protected static int BreaksOrSpaces(ReadOnlySpan<char> text, int start, int firstLength)
    {
        int end = RuneKinds.SkipWhile(text, start, RuneKind.Space);
        int lastBreak = text[start..end].LastIndexOfAny('\r', '\n');
        return lastBreak >= 0 ? start + lastBreak + 1 : SpaceRun(text, start, firstLength);
    }

    /// <summary><c>\p{N}{1,most}</c>, the first of which ends at <paramref name="end"/>.</summary>
    protected static int Digits(ReadOnlySpan<char> text, int end, int most)
    {
        for (int count = 1; count < most && end < text.Length; count++)
        {
            if ((RuneKinds.At(text, end, out int length) & RuneKind.Number) == 0) break;
            end += length;
        }

        return end;
    }

    /// <summary>Length of <c>'s 't 're 've 'm 'll 'd</c> at <paramref name="start"/>; 0 if there is none.</summary>
    protected static int Contraction(ReadOnlySpan<char> text, int start, bool ignoreCase)
    {
        if (start + 1 >= text.Length || text[start] != '\'') return 0;
        char first = text[start + 1], second = start + 2 < text.Length ? text[start + 2] : '\0';
        if (ignoreCase)
        {
            // The long s is the one letter beyond ASCII that case folding makes equal to a letter of these.
            if (first == 'ſ') return 2;
            first = char.IsAsciiLetterUpper(first) ? (char)(first | 0x20) : first;
            second = char.IsAsciiLetterUpper(second) ? (char)(second | 0x20) : second;
        }

        return (first, second) switch
        {
            ('s' or 't' or 'm' or 'd', _) => 2,
            ('r' or 'v', 'e') or ('l', 'l') => 3,
            _ => 0,
        };
    }
}
