using System.Globalization;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Code units that stand for the characters beyond the basic plane, so that a text has one code unit for each character.</summary>
/// <remarks>
/// They are taken from the private use area: one for each general category in each stretch of code points that the pattern tells apart.
/// Characters that are themselves for private use all become <see cref="Private"/>.
/// </remarks>
internal sealed class RuneStandIns
{
    /// <summary>Stands for every character of the basic plane's private use area.</summary>
    public const char Private = '\uF8FF';

    /// <summary>First code unit of the private use area.</summary>
    public const char First = '\uE000';

    private const int Kinds = (int)UnicodeCategory.OtherNotAssigned + 1;

    private readonly int[] starts;

    /// <summary>Takes the ranges beyond the basic plane that the pattern spells out.</summary>
    /// <exception cref="FormatException">There are too many.</exception>
    public RuneStandIns(IEnumerable<(int Low, int High)> ranges)
    {
        starts = [.. ranges.SelectMany(range => new[] { range.Low, range.High + 1 }).Append(0x10000).Distinct().Order()];
        if (starts.Length * Kinds > Private - First) throw new FormatException("it spells out too many ranges of characters beyond U+FFFF");
    }

    /// <summary>
    /// Rewrites a text with one code unit per character. <paramref name="offsets"/>[i] is where character i starts in
    /// <paramref name="text"/>, with one more entry for the end. Gives back the number of characters.
    /// </summary>
    public int Project(ReadOnlySpan<char> text, Span<char> stand, Span<int> offsets)
    {
        int count = 0;
        for (int i = 0; i < text.Length; count++)
        {
            offsets[count] = i;
            char c = text[i++];
            if (char.IsHighSurrogate(c) && i < text.Length && char.IsLowSurrogate(text[i])) stand[count] = For(char.ConvertToUtf32(c, text[i++]));
            else stand[count] = c is >= First and <= Private ? Private : c;
        }

        offsets[count] = text.Length;
        return count;
    }

    /// <summary>The stand-ins of all characters of a general category, as items of a class.</summary>
    public string Of(int kind) => Items(kind, 0, starts.Length - 1);

    /// <summary>The stand-ins of a range that was announced, as items of a class.</summary>
    public string Covering(int low, int high)
    {
        int first = Stretch(low), last = Stretch(high);
        return string.Concat(Enumerable.Range(0, Kinds).Select(kind => Items(kind, first, last)));
    }

    private char For(int codePoint) => Unit((int)CharUnicodeInfo.GetUnicodeCategory(codePoint), Stretch(codePoint));

    private int Stretch(int codePoint)
    {
        int found = Array.BinarySearch(starts, codePoint);
        return found >= 0 ? found : ~found - 1;
    }

    private char Unit(int kind, int stretch) => (char)(First + (kind * starts.Length) + stretch);

    private string Items(int kind, int first, int last) => $"\\u{(int)Unit(kind, first):X4}-\\u{(int)Unit(kind, last):X4}";
}
