namespace OrleansAlign.Models.Tokenizers;

/// <summary>Cuts a text into the words that the model then encodes one by one.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Cuts the pieces further, rewriting their text where it must.</summary>
    public abstract void Apply(PieceList list);
}

/// <summary>A text and its pieces, in order.</summary>
/// <param name="text">The text that the pieces lie in.</param>
/// <param name="pieces">The pieces.</param>
/// <param name="startsInput">Whether the first piece starts where the whole input starts.</param>
internal sealed class PieceList(string text, List<TextRange> pieces, bool startsInput)
{
    /// <summary>The text that the pieces lie in.</summary>
    public string Text { get; private set; } = text;

    /// <summary>The pieces.</summary>
    public List<TextRange> Pieces { get; private set; } = pieces;

    /// <summary>Whether the first piece starts where the whole input starts.</summary>
    public bool StartsInput { get; private set; } = startsInput;

    /// <summary>A piece's characters.</summary>
    public ReadOnlySpan<char> Of(TextRange piece) => Text.AsSpan(piece.Start, piece.Length);

    /// <summary>Splits each piece at the matches of a scanner.</summary>
    public void Split(Scanner scanner, SplitBehavior behavior, bool invert)
    {
        List<TextRange> cut = new(Pieces.Count);
        foreach (TextRange piece in Pieces) Splitting.Split(Of(piece), piece.Start, scanner, behavior, invert, cut);
        StartsInput = StartsInput && cut.Count > 0 && Pieces.Count > 0 && cut[0].Start == Pieces[0].Start;
        Pieces = cut;
    }

    /// <summary>Replaces the text and its pieces, one for one.</summary>
    public void Rewrite(string text, List<TextRange> pieces) => (Text, Pieces) = (text, pieces);
}

/// <summary>One pre-tokenizer after another.</summary>
internal sealed class PreTokenizerSequence(IReadOnlyList<PreTokenizer> steps) : PreTokenizer
{
    /// <summary>The steps.</summary>
    public IReadOnlyList<PreTokenizer> Steps => steps;

    /// <inheritdoc/>
    public override void Apply(PieceList list)
    {
        foreach (PreTokenizer step in steps) step.Apply(list);
    }
}

/// <summary>Splits at the matches of a pattern.</summary>
internal sealed class SplitPreTokenizer(Scanner scanner, SplitBehavior behavior, bool invert) : PreTokenizer
{
    /// <inheritdoc/>
    public override void Apply(PieceList list) => list.Split(scanner, behavior, invert);
}
