namespace OrleansAlign.Models.Tokenizers;

/// <summary>
/// The pattern of Llama 3 and Qwen, by hand:
/// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
/// <param name="digits">Most digits in a piece: 3 for Llama 3, 1 for Qwen.</param>
/// <param name="marksAreLetters">Whether words are <c>[\p{L}\p{M}]+</c> and marks do not count as punctuation, as in later Qwen.</param>
internal sealed class Cl100kScanner(int digits, bool marksAreLetters) : CoveringScanner
{
    private readonly RuneKind word = marksAreLetters ? RuneKind.Letter | RuneKind.Mark : RuneKind.Letter;

    /// <inheritdoc/>
    protected override int Next(ReadOnlySpan<char> text, int start)
    {
        int contraction = Contraction(text, start, ignoreCase: true);
        if (contraction > 0) return start + contraction;
        RuneKind kind = RuneKinds.At(text, start, out int length);
        int after = start + length;
        RuneKind next = after < text.Length ? RuneKinds.At(text, after, out _) : RuneKind.None;

        // The optional character before a word may itself be a mark; greedy, it is taken as such if a word still follows.
        bool opens = (kind & (RuneKind.LineBreak | RuneKind.Letter | RuneKind.Number)) == 0;
        if ((kind & word) != 0 || (opens && (next & word) != 0)) return RuneKinds.SkipWhile(text, after, word);
        if ((kind & RuneKind.Number) != 0) return Digits(text, after, digits);

        RuneKind stop = RuneKind.Space | RuneKind.Number | word;
        bool spaceThenSign = text[start] == ' ' && after < text.Length && (next & stop) == 0;
        if ((kind & RuneKind.Space) != 0 && !spaceThenSign) return BreaksOrSpaces(text, start, length);

        return RuneKinds.SkipWhile(text, RuneKinds.SkipUntil(text, after, stop), RuneKind.LineBreak);
    }
}
