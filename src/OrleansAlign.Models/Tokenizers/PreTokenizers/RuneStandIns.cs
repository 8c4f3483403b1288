using System.Globalization;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>For each general category one character of the basic plane that stands for those beyond it.</summary>
internal static class RuneStandIns
{
    /// <summary>The stand-ins, by <see cref="UnicodeCategory"/>; chosen from scripts that no published pattern spells out.</summary>
    public const string ByCategory =
        "\u10A0\u1D02\u1F88\u10FC\u16A0\u1AB0\u1B04\u1ABE\u1B50\u16EE\u1369\u1680\u2028\u2029\u0080\u2061\uFFFD\uE000\u2054\u1400\u2045\u2046\u2E02\u2E03\u1360\u2A00\u20B0\uA700\u2800\u0378";

    /// <summary>Stands for the ideographs of the supplementary planes.</summary>
    public const char Han = '\u3400';

    /// <summary>
    /// Rewrites a text with one code unit per character. <paramref name="offsets"/>[i] is where character i starts in
    /// <paramref name="text"/>, with one more entry for the end. Gives back the number of characters.
    /// </summary>
    public static int Project(ReadOnlySpan<char> text, Span<char> stand, Span<int> offsets)
    {
        int count = 0;
        for (int i = 0; i < text.Length; count++)
        {
            offsets[count] = i;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                stand[count] = For(char.ConvertToUtf32(text[i], text[i + 1]));
                i += 2;
            }
            else
            {
                stand[count] = text[i++];
            }
        }

        offsets[count] = text.Length;
        return count;
    }

    private static char For(int codePoint)
    {
        UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(codePoint);
        return category == UnicodeCategory.OtherLetter && codePoint is >= 0x20000 and < 0x40000 ? Han : ByCategory[(int)category];
    }
}
