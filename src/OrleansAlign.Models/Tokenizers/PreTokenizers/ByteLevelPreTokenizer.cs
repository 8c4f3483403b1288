using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>GPT-2's way: splits by its pattern, then writes each byte of a word's UTF-8 as one printable character.</summary>
/// <param name="addPrefixSpace">Whether each piece gets a space in front if it has none.</param>
/// <param name="useRegex">Whether to split by GPT-2's pattern.</param>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex) : PreTokenizer
{
    private static readonly Gpt2Scanner Pattern = new();

    /// <inheritdoc/>
    public override void Apply(PieceList list)
    {
        Split(list);
        StringBuilder text = new(list.Text.Length + 16);
        List<TextRange> pieces = new(list.Pieces.Count);
        foreach (TextRange piece in list.Pieces)
        {
            int start = text.Length;
            ByteAlphabet.Append(list.Of(piece), text);
            pieces.Add(new TextRange(start, text.Length - start));
        }

        list.Rewrite(text.ToString(), pieces);
    }

    /// <summary>The same without the rewriting, for a model that does it word by word, and only for words it has not met.</summary>
    public void Split(PieceList list)
    {
        if (addPrefixSpace) Prefix(list);
        if (useRegex) list.Split(Pattern, SplitBehavior.Isolated, invert: false);
    }

    private static void Prefix(PieceList list)
    {
        StringBuilder text = new(list.Text.Length + list.Pieces.Count);
        List<TextRange> pieces = new(list.Pieces.Count);
        foreach (TextRange piece in list.Pieces)
        {
            int start = text.Length;
            if (list.Text[piece.Start] != ' ') text.Append(' ');
            text.Append(list.Of(piece));
            pieces.Add(new TextRange(start, text.Length - start));
        }

        list.Rewrite(text.ToString(), pieces);
    }
}
