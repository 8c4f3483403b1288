using System.Globalization;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>A property of characters.</summary>
/// <param name="Items">What of the basic plane has it, as items of a .NET class over a projected text.</param>
/// <param name="Kinds">Which general categories have it beyond, as <see cref="UnicodeCategory"/>.</param>
/// <param name="Ranges">Which further ranges beyond have it.</param>
internal sealed record OnigurumaProperty(string Items, IReadOnlyList<int> Kinds, params IReadOnlyList<(int Low, int High)> Ranges);

/// <summary>The properties that patterns may name.</summary>
/// <remarks>Alphabetic, Uppercase and Lowercase are not among them: they are no unions of categories.</remarks>
internal static class OnigurumaProperties
{
    private const string Han = @"\u2E80-\u2E99\u2E9B-\u2EF3\u2F00-\u2FD5\u3005\u3007\u3021-\u3029\u3038-\u303B\u3400-\u4DBF\u4E00-\u9FFF"
        + @"\uF900-\uFA6D\uFA70-\uFAD9";
    private const string Hiragana = @"\u3041-\u3096\u309D-\u309F";
    private const string Katakana = @"\u30A1-\u30FA\u30FD-\u30FF\u31F0-\u31FF\u32D0-\u32FE\u3300-\u3357\uFF66-\uFF6F\uFF71-\uFF9D";

    private const string Hangul = @"\u1100-\u11FF\u302E\u302F\u3131-\u318E\u3200-\u321E\u3260-\u327E\uA960-\uA97C"
        + @"\uAC00-\uD7A3\uD7B0-\uD7C6\uD7CB-\uD7FB\uFFA0-\uFFBE\uFFC2-\uFFC7\uFFCA-\uFFCF\uFFD2-\uFFD7\uFFDA-\uFFDC";

    /// <summary>Short names of the general categories, in the order of <see cref="UnicodeCategory"/>.</summary>
    private static readonly string[] Categories =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static readonly Dictionary<string, OnigurumaProperty> Named = Collect();

    /// <summary>\w: letters, marks, decimal digits, number letters, connectors, lettered symbols, and Latin-1's fractions and powers.</summary>
    public static OnigurumaProperty Word { get; } = Union("L", "M", "Nd", "Nl", "Pc") with
    {
        Items = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u24B6-\u24E9\xB2\xB3\xB9\xBC-\xBE",
        Ranges = [(0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189)],
    };

    /// <summary>\s: White_Space.</summary>
    public static OnigurumaProperty Space { get; } = new(@"\t-\r\x20\x85\xA0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000", []);

    /// <summary>\d.</summary>
    public static OnigurumaProperty Digit => Named["ND"];

    /// <summary>\h.</summary>
    public static OnigurumaProperty Hexadecimal { get; } = new("0-9a-fA-F", []);

    /// <summary>
    /// The property of a name, whatever its case, spaces and underscores; null if it is not known. In POSIX brackets
    /// (<paramref name="posix"/>) punctuation has the symbols with it.
    /// </summary>
    public static OnigurumaProperty? Find(string name, bool posix)
    {
        string key = name.Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        return key switch
        {
            "PUNCT" when posix => Union("P", "S"),
            "LETTER" => Named["L"],
            "MARK" => Named["M"],
            "NUMBER" => Named["N"],
            "SEPARATOR" => Named["Z"],
            "OTHER" => Named["C"],
            "PUNCTUATION" or "PUNCT" => Named["P"],
            "SYMBOL" => Named["S"],
            "DIGIT" => Digit,
            "CNTRL" => Named["CC"],
            "SPACE" or "WHITESPACE" => Space,
            "BLANK" => new OnigurumaProperty(@"\t\p{Zs}", []),
            "XDIGIT" => Hexadecimal,
            "ASCII" => new OnigurumaProperty(@"\x00-\x7F", []),
            "ANY" => new OnigurumaProperty(@"\s\S", []),
            "HAN" => new OnigurumaProperty(
                Han, [], (0x16FE2, 0x16FE3), (0x16FF0, 0x16FF1), (0x20000, 0x2A6DF), (0x2A700, 0x2B739),
                (0x2B740, 0x2B81D), (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0), (0x2EBF0, 0x2EE5D), (0x2F800, 0x2FA1D),
                (0x30000, 0x3134A), (0x31350, 0x323AF)),
            "HANGUL" => new OnigurumaProperty(Hangul, []),
            "HIRAGANA" => new OnigurumaProperty(Hiragana, [], (0x1B001, 0x1B11F), (0x1B132, 0x1B132), (0x1B150, 0x1B152), (0x1F200, 0x1F200)),
            "KATAKANA" => new OnigurumaProperty(
                Katakana, [], (0x1AFF0, 0x1AFF3), (0x1AFF5, 0x1AFFB), (0x1AFFD, 0x1AFFE), (0x1B000, 0x1B000),
                (0x1B120, 0x1B122), (0x1B155, 0x1B155), (0x1B164, 0x1B167)),
            _ => Named.GetValueOrDefault(key),
        };
    }

    private static OnigurumaProperty Union(params string[] names)
    {
        OnigurumaProperty[] all = [.. names.Select(name => Named[name.ToUpperInvariant()])];
        return new OnigurumaProperty(string.Concat(all.Select(property => property.Items)), [.. all.SelectMany(property => property.Kinds)]);
    }

    private static Dictionary<string, OnigurumaProperty> Collect()
    {
        Dictionary<string, OnigurumaProperty> named = [];
        for (int kind = 0; kind < Categories.Length; kind++)
        {
            // The private use area holds stand-ins; one code unit represents its own characters.
            string items = Categories[kind] == "Co" ? $"\\u{(int)RuneStandIns.Private:X4}" : $"\\p{{{Categories[kind]}}}";
            named[Categories[kind].ToUpperInvariant()] = new OnigurumaProperty(items, [kind]);
        }

        foreach (IGrouping<char, string> group in Categories.GroupBy(category => category[0]))
        {
            OnigurumaProperty[] parts = [.. group.Select(category => named[category.ToUpperInvariant()])];
            string items = group.Key == 'C' ? string.Concat(parts.Select(part => part.Items)) : $"\\p{{{group.Key}}}";
            named[group.Key.ToString()] = new OnigurumaProperty(items, [.. parts.SelectMany(part => part.Kinds)]);
        }

        return named;
    }
}
