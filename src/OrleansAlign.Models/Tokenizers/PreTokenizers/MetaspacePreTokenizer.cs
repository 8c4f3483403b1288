using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>When <see cref="MetaspacePreTokenizer"/> puts a mark in front.</summary>
internal enum PrependScheme
{
    /// <summary>In front of every piece.</summary>
    Always,

    /// <summary>In front of what the whole input starts with.</summary>
    First,

    /// <summary>Nowhere.</summary>
    Never,
}

/// <summary>SentencePiece's way: spaces become a visible mark, which each word starts with.</summary>
/// <param name="mark">The character that stands for a space, usually U+2581.</param>
/// <param name="scheme">Where a mark is put in front that is not in the text.</param>
/// <param name="split">Whether to split before each mark.</param>
internal sealed class MetaspacePreTokenizer(string mark, PrependScheme scheme, bool split) : PreTokenizer
{
    private readonly LiteralScanner scanner = new(mark);

    /// <inheritdoc/>
    public override void Apply(PieceList list)
    {
        StringBuilder text = new(list.Text.Length + list.Pieces.Count);
        List<TextRange> pieces = new(list.Pieces.Count);
        foreach (TextRange piece in list.Pieces)
        {
            ReadOnlySpan<char> old = list.Of(piece);
            bool wanted = scheme == PrependScheme.Always || (scheme == PrependScheme.First && list.StartsInput && pieces.Count == 0);
            int start = text.Length;
            if (wanted && old[0] != ' ' && !old.StartsWith(mark)) text.Append(mark);
            int body = text.Length;
            text.Append(old).Replace(" ", mark, body, old.Length);
            pieces.Add(new TextRange(start, text.Length - start));
        }

        list.Rewrite(text.ToString(), pieces);
        if (split) list.Split(scanner, SplitBehavior.MergedWithNext, invert: false);
    }
}
