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

    /// <summary>Whether content must never become it: special tokens, and all others except words and white space.</summary>
    /// <remarks>
    /// The special flag alone is not enough: some published models mark roles, tools and thoughts with added tokens that lack it. Runs of
    /// spaces and added words cannot forge a frame, so content may contain them; so it may a single character, such as an exclamation mark, that
    /// the configuration names as padding.
    /// </remarks>
    public bool IsControl => Special
        ? !(IsOnlyNamed && Content.EnumerateRunes().Count() == 1)
        : !Content.EnumerateRunes().All(rune => rune.Value == '▁' || Rune.IsWhiteSpace(rune) || RuneKinds.IsWord(rune.Value));
}
