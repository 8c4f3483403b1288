namespace OrleansAlign.Models.Tokenizers;

/// <summary>A piece of a text, in UTF-16 code units.</summary>
internal readonly record struct TextRange(int Start, int Length)
{
    /// <summary>First index after the piece.</summary>
    public int End => Start + Length;
}
