using System.Globalization;
using System.Text;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Rewrites a text before it is cut into words.</summary>
internal abstract class Normalizer
{
    /// <summary>The text, rewritten.</summary>
    public string Apply(string text) => Apply(MarkedText.OfFrame(text)).Text;

    /// <summary>The text, rewritten with its marks; a character made of both frame and content counts as content.</summary>
    public abstract MarkedText Apply(MarkedText text);
}

/// <summary>One normalizer after another.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<Normalizer> steps) : Normalizer
{
    /// <inheritdoc/>
    public override MarkedText Apply(MarkedText text) => steps.Aggregate(text, (current, step) => step.Apply(current));
}

/// <summary>Puts a text in front of every text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    /// <inheritdoc/>
    public override MarkedText Apply(MarkedText text)
    {
        if (text.Text.Length == 0) return text;
        return new MarkedText.Builder().Append(prefix, isContent: false).Append(text).Build();
    }
}

/// <summary>Puts a text in place of every match of a pattern.</summary>
internal sealed class ReplaceNormalizer(Scanner scanner, string content) : Normalizer
{
    /// <inheritdoc/>
    public override MarkedText Apply(MarkedText text)
    {
        List<TextRange> matches = [];
        scanner.Find(text.Text, matches);
        if (matches.Count == 0) return text;
        MarkedText.Builder replaced = new();
        int copied = 0;
        foreach (TextRange match in matches)
        {
            replaced.Append(text, copied, match.Start).Append(content, text.Overlaps(match.Start, match.End));
            copied = match.End;
        }

        return replaced.Append(text, copied, text.Text.Length).Build();
    }
}

/// <summary>Removes white space at the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    /// <inheritdoc/>
    public override MarkedText Apply(MarkedText text)
    {
        int start = left ? text.Text.Length - text.Text.TrimStart().Length : 0;
        int end = right ? Math.Max(start, text.Text.TrimEnd().Length) : text.Text.Length;
        return text.Slice(start, end);
    }
}

/// <summary>Rewrites each character by itself.</summary>
internal sealed class RuneNormalizer(Func<Rune, string> rewrite) : Normalizer
{
    /// <summary>Lower case, letter by letter, by Unicode's default mapping.</summary>
    public static RuneNormalizer Lowercase { get; } =
        new(rune => rune.Value == 0x130 ? "i\u0307" : Rune.ToLowerInvariant(rune).ToString());

    /// <summary>Drops every mark (\p{M}).</summary>
    public static RuneNormalizer StripAccents { get; } = new(rune =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            ? ""
            : rune.ToString());

    /// <inheritdoc/>
    public override MarkedText Apply(MarkedText text)
    {
        MarkedText.Builder rewritten = new();
        int at = 0;
        foreach (Rune rune in text.Text.EnumerateRunes())
        {
            rewritten.Append(rewrite(rune), text.Overlaps(at, at + rune.Utf16SequenceLength));
            at += rune.Utf16SequenceLength;
        }

        return rewritten.Build();
    }
}
