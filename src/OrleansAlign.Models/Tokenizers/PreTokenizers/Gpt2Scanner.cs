namespace OrleansAlign.Models.Tokenizers;

/// <summary>GPT-2's pattern, by hand: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.</summary>
internal sealed class Gpt2Scanner : CoveringScanner
{
    /// <inheritdoc/>
    protected override int Next(ReadOnlySpan<char> text, int start)
    {
        int contraction = Contraction(text, start, ignoreCase: false);
        if (contraction > 0) return start + contraction;
        RuneKind kind = RuneKinds.At(text, start, out int length);
        int first = start;
        if (text[start] == ' ' && start + 1 < text.Length)
        {
            RuneKind next = RuneKinds.At(text, start + 1, out int nextLength);
            if ((next & RuneKind.Space) == 0) (kind, length, first) = (next, nextLength, start + 1);
        }

        if ((kind & RuneKind.Space) != 0) return SpaceRun(text, start, length);
        if ((kind & RuneKind.Letter) != 0) return RuneKinds.SkipWhile(text, first + length, RuneKind.Letter);
        if ((kind & RuneKind.Number) != 0) return RuneKinds.SkipWhile(text, first + length, RuneKind.Number);
        return RuneKinds.SkipUntil(text, first + length, RuneKind.Space | RuneKind.Letter | RuneKind.Number);
    }
}
