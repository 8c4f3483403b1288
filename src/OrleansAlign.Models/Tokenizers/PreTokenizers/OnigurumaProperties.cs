using System.Globalization;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>A property of characters: what of the basic plane has it, as items of a .NET class, and which categories beyond have it.</summary>
internal sealed record OnigurumaProperty(string Items, params int[] Kinds);

/// <summary>The properties that patterns may name.</summary>
internal static class OnigurumaProperties
{
    private const string Han = @"\u2E80-\u2E99\u2E9B-\u2EF3\u2F00-\u2FD5\u3005\u3007\u3021-\u3029\u3038-\u303B\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFA6D\uFA70-\uFAD9";
    private const string Hangul = @"\u1100-\u11FF\u302E\u302F\u3131-\u318E\u3200-\u321E\u3260-\u327E\uA960-\uA97C\uAC00-\uD7A3\uD7B0-\uD7C6\uD7CB-\uD7FB\uFFA0-\uFFDC";
    private const string Katakana = @"\u30A1-\u30FA\u30FD-\u30FF\u31F0-\u31FF\u32D0-\u32FE\u3300-\u3357\uFF66-\uFF6F\uFF71-\uFF9D";

    /// <summary>Short names of the general categories, in the order of <see cref="UnicodeCategory"/>.</summary>
    private static readonly string[] Categories =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static readonly Dictionary<string, OnigurumaProperty> Named = Collect();

    /// <summary>\w: Alphabetic, marks, decimal digits and connectors.</summary>
    public static OnigurumaProperty Word { get; } = Union(@"\u24B6-\u24E9", "L", "M", "Nd", "Nl", "Pc");

    /// <summary>\s: White_Space.</summary>
    public static OnigurumaProperty Space { get; } = new(@"\t-\r\x20\x85\xA0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000");

    /// <summary>\d.</summary>
    public static OnigurumaProperty Digit => Named["ND"];

    /// <summary>\h.</summary>
    public static OnigurumaProperty Hexadecimal { get; } = new("0-9a-fA-F");

    /// <summary>The property of a name, whatever its case, spaces and underscores; null if it is not known.</summary>
    public static OnigurumaProperty? Find(string name)
    {
        string key = name.Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        return key switch
        {
            "LETTER" => Named["L"],
            "MARK" => Named["M"],
            "NUMBER" => Named["N"],
            "SEPARATOR" => Named["Z"],
            "OTHER" => Named["C"],
            "PUNCTUATION" => Named["P"],
            "SYMBOL" => Named["S"],
            "UPPER" => Named["LU"],
            "LOWER" => Named["LL"],
            "DIGIT" => Digit,
            "CNTRL" => Named["CC"],
            "SPACE" or "WHITESPACE" => Space,
            "BLANK" => new OnigurumaProperty(@"\t\p{Zs}"),
            "WORD" => Word,
            "ALPHA" or "ALPHABETIC" => Union(@"\u24B6-\u24E9", "L", "Nl"),
            "ALNUM" => Union(@"\u24B6-\u24E9", "L", "Nl", "Nd"),
            "PUNCT" => Union(@"$+<=>\^`|~", "P"),
            "XDIGIT" => Hexadecimal,
            "ASCII" => new OnigurumaProperty(@"\x00-\x7F"),
            "ANY" => new OnigurumaProperty(@"\s\S"),
            "HAN" => new OnigurumaProperty(Han, RuneStandIns.Ideograph),
            "HANGUL" => new OnigurumaProperty(Hangul),
            "HIRAGANA" => new OnigurumaProperty(@"\u3041-\u3096\u309D-\u309F"),
            "KATAKANA" => new OnigurumaProperty(Katakana),
            _ => Named.GetValueOrDefault(key),
        };
    }

    private static OnigurumaProperty Union(string more, params string[] names)
    {
        OnigurumaProperty[] all = [.. names.Select(name => Find(name)!)];
        return new OnigurumaProperty(string.Concat(all.Select(property => property.Items)) + more, [.. all.SelectMany(property => property.Kinds)]);
    }

    private static Dictionary<string, OnigurumaProperty> Collect()
    {
        Dictionary<string, OnigurumaProperty> named = [];
        for (int kind = 0; kind < Categories.Length; kind++)
        {
            // What is for private use stands for something else, but for one code unit.
            string items = Categories[kind] == "Co" ? $"\\u{(int)RuneStandIns.Private:X4}" : $"\\p{{{Categories[kind]}}}";
            int[] kinds = Categories[kind] == "Lo" ? [kind, RuneStandIns.Ideograph] : [kind];
            named[Categories[kind].ToUpperInvariant()] = new OnigurumaProperty(items, kinds);
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
