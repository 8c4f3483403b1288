using System.Globalization;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>What published split patterns ask of a character.</summary>
[Flags]
internal enum RuneKind : byte
{
    /// <summary>Nothing below.</summary>
    None = 0,

    /// <summary>\p{L}.</summary>
    Letter = 1,

    /// <summary>\p{N}.</summary>
    Number = 2,

    /// <summary>\s: Unicode's White_Space.</summary>
    Space = 4,

    /// <summary>Carriage return or line feed.</summary>
    LineBreak = 8,

    /// <summary>\p{M}.</summary>
    Mark = 16,

    /// <summary>\p{Lu}, \p{Lt}, \p{Lm}, \p{Lo} or \p{M}.</summary>
    UpperSide = 32,

    /// <summary>\p{Ll}, \p{Lm}, \p{Lo} or \p{M}.</summary>
    LowerSide = 64,
}

/// <summary>Kinds of characters, over all of Unicode; a surrogate pair is one character.</summary>
internal static class RuneKinds
{
    private static readonly RuneKind[] Basic = [.. Enumerable.Range(0, 0x10000).Select(Find)];

    /// <summary>Kind of the character that starts at <paramref name="index"/>, and how many code units it takes.</summary>
    public static RuneKind At(ReadOnlySpan<char> text, int index, out int length)
    {
        char c = text[index];
        if (char.IsHighSurrogate(c) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            length = 2;
            return Find(char.ConvertToUtf32(c, text[index + 1]));
        }

        length = 1;
        return Basic[c];
    }

    /// <summary>First index at or after <paramref name="index"/> whose character has none of the kinds.</summary>
    public static int SkipWhile(ReadOnlySpan<char> text, int index, RuneKind any)
    {
        while (index < text.Length && (At(text, index, out int length) & any) != 0) index += length;
        return index;
    }

    /// <summary>First index at or after <paramref name="index"/> whose character has one of the kinds.</summary>
    public static int SkipUntil(ReadOnlySpan<char> text, int index, RuneKind any)
    {
        while (index < text.Length && (At(text, index, out int length) & any) == 0) index += length;
        return index;
    }

    /// <summary>White_Space.</summary>
    public static bool IsSpace(int codePoint) => codePoint <= 0xFFFF && char.IsWhiteSpace((char)codePoint);

    /// <summary>\w of Rust's <c>regex</c>: Alphabetic, marks, decimal digits, connectors and joiners.</summary>
    public static bool IsWord(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        <= UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.OtherSymbol => codePoint is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169)
            or (>= 0x1F170 and <= 0x1F189),
        _ => codePoint is 0x200C or 0x200D,
    };

    /// <summary>\p{N}.</summary>
    public static bool IsNumber(int codePoint) =>
        CharUnicodeInfo.GetUnicodeCategory(codePoint) is >= UnicodeCategory.DecimalDigitNumber and <= UnicodeCategory.OtherNumber;

    /// <summary>\p{P} or one of ASCII's 32 punctuation signs and symbols.</summary>
    public static bool IsPunctuation(int codePoint) =>
        (codePoint < 128 && (char.IsPunctuation((char)codePoint) || char.IsSymbol((char)codePoint)))
        || CharUnicodeInfo.GetUnicodeCategory(codePoint) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    private static RuneKind Find(int codePoint)
    {
        RuneKind kind = CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => RuneKind.Letter | RuneKind.UpperSide,
            UnicodeCategory.LowercaseLetter => RuneKind.Letter | RuneKind.LowerSide,
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => RuneKind.Letter | RuneKind.UpperSide | RuneKind.LowerSide,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark =>
                RuneKind.Mark | RuneKind.UpperSide | RuneKind.LowerSide,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => RuneKind.Number,
            _ => RuneKind.None,
        };
        if (IsSpace(codePoint)) kind |= RuneKind.Space;
        return codePoint is '\r' or '\n' ? kind | RuneKind.LineBreak : kind;
    }
}
