namespace OrleansAlign.Models.Tokenizers;

/// <summary>
/// The pattern of GPT-4o and Mistral Nemo, by hand. With U = <c>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</c>, L = <c>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</c> and
/// C = <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)?</c> or nothing, it is
/// <c>[^\r\n\p{L}\p{N}]?U*L+C|[^\r\n\p{L}\p{N}]?U+L*C|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
/// <param name="digits">Most digits in a piece: 3 for GPT-4o, 1 for Mistral.</param>
/// <param name="contractions">Whether a word takes a contraction with it.</param>
internal sealed class O200kScanner(int digits, bool contractions) : CoveringScanner
{
    /// <inheritdoc/>
    protected override int Next(ReadOnlySpan<char> text, int start)
    {
        RuneKind kind = RuneKinds.At(text, start, out int length);
        int after = start + length;
        int word = Word(text, start, after, (kind & (RuneKind.LineBreak | RuneKind.Letter | RuneKind.Number)) == 0);
        if (word > 0) return contractions ? word + Contraction(text, word, ignoreCase: true) : word;
        if ((kind & RuneKind.Number) != 0) return Digits(text, after, digits);

        const RuneKind Stop = RuneKind.Space | RuneKind.Letter | RuneKind.Number;
        bool spaceThenSign = text[start] == ' ' && after < text.Length && (RuneKinds.At(text, after, out _) & Stop) == 0;
        if ((kind & RuneKind.Space) != 0 && !spaceThenSign) return BreaksOrSpaces(text, start, length);

        int sign = RuneKinds.SkipUntil(text, after, Stop);
        while (sign < text.Length && text[sign] is '\r' or '\n' or '/') sign++;
        return sign;
    }

    /// <summary>End of the word at <paramref name="start"/>, with one character in front of it if that <paramref name="opens"/>; 0 if none.</summary>
    private static int Word(ReadOnlySpan<char> text, int start, int after, bool opens)
    {
        if (opens && EndsLow(text, after) is > 0 and int low) return low;
        if (EndsLow(text, start) is > 0 and int bare) return bare;
        int high = opens ? RuneKinds.SkipWhile(text, after, RuneKind.UpperSide) : after;
        if (high > after) return RuneKinds.SkipWhile(text, high, RuneKind.LowerSide);
        high = RuneKinds.SkipWhile(text, start, RuneKind.UpperSide);
        return high > start ? RuneKinds.SkipWhile(text, high, RuneKind.LowerSide) : 0;
    }

    /// <summary>
    /// End of <c>U*L+</c> at <paramref name="start"/>, 0 if there is none: the run of U gives back its end up to the last character that is
    /// also an L, unless an L follows it.
    /// </summary>
    private static int EndsLow(ReadOnlySpan<char> text, int start)
    {
        int end = start, lastBoth = 0;
        while (end < text.Length)
        {
            RuneKind kind = RuneKinds.At(text, end, out int length);
            if ((kind & RuneKind.UpperSide) == 0) break;
            end += length;
            if ((kind & RuneKind.LowerSide) != 0) lastBoth = end;
        }

        int low = RuneKinds.SkipWhile(text, end, RuneKind.LowerSide);
        return low > end ? low : lastBoth;
    }
}
