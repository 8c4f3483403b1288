using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>A token that is recognised in the text before the model sees it.</summary>
/// <param name="Content">The token, as written.</param>
internal sealed record AddedToken(string Content)
{
    /// <summary>The id.</summary>
    public int Id { get; init; }

    /// <summary>Whether it only matches where no word character adjoins.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it takes the white space on its left with it.</summary>
    public bool StripsLeft { get; init; }

    /// <summary>Whether it takes the white space on its right with it.</summary>
    public bool StripsRight { get; init; }

    /// <summary>Whether it is looked for after the normalizer, in its own normalised spelling.</summary>
    public bool Normalized { get; init; }

    /// <summary>Whether it is left out when decoding without special tokens.</summary>
    public bool Special { get; init; }

    /// <summary>Whether it is a token of the model that is special only because the configuration names it for a purpose.</summary>
    public bool IsOnlyNamed { get; init; }

    /// <summary>Whether content must never become it: special tokens, and all others that are not merely words or white space.</summary>
    /// <remarks>
    /// Being special is not enough of a sign: some published models mark roles, tools and thoughts with added tokens that are not. Runs of
    /// spaces and added words cannot forge a frame and stay what they are, in content too; so does a single character, such as an
    /// exclamation mark, that someone has named as padding.
    /// </remarks>
    public bool IsControl => Special
        ? !(IsOnlyNamed && Content.EnumerateRunes().Count() == 1)
        : !Content.EnumerateRunes().All(rune => rune.Value == '▁' || Rune.IsWhiteSpace(rune) || RuneKinds.IsWord(rune.Value));
}
