using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Matches every single character that <paramref name="accepts"/> does.</summary>
internal sealed class KindScanner(Func<int, bool> accepts) : Scanner
{
    /// <inheritdoc/>
    public override void Find(ReadOnlySpan<char> text, List<TextRange> matches)
    {
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text[i..], out Rune rune, out int length);
            if (accepts(rune.Value)) matches.Add(new TextRange(i, length));
            i += length;
        }
    }
}

/// <summary>Matches every occurrence of a text, which is not empty.</summary>
internal sealed class LiteralScanner(string literal) : Scanner
{
    /// <inheritdoc/>
    public override void Find(ReadOnlySpan<char> text, List<TextRange> matches)
    {
        for (int from = 0; from < text.Length;)
        {
            int at = text[from..].IndexOf(literal);
            if (at < 0) return;
            matches.Add(new TextRange(from + at, literal.Length));
            from += at + literal.Length;
        }
    }
}

/// <summary>Rust's <c>\w+|[^\w\s]+</c>.</summary>
internal sealed class WordOrSignScanner : Scanner
{
    /// <inheritdoc/>
    public override void Find(ReadOnlySpan<char> text, List<TextRange> matches)
    {
        int start = 0, current = 0;
        for (int i = 0; i <= text.Length;)
        {
            int kind = 0, length = 1;
            if (i < text.Length)
            {
                Rune.DecodeFromUtf16(text[i..], out Rune rune, out length);
                kind = RuneKinds.IsWord(rune.Value) ? 1 : RuneKinds.IsSpace(rune.Value) ? 0 : 2;
            }

            if (kind != current)
            {
                if (current != 0) matches.Add(new TextRange(start, i - start));
                (start, current) = (i, kind);
            }

            i += length;
        }
    }
}
