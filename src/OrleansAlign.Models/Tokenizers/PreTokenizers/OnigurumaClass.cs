using System.Globalization;
using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Character classes and escapes of Oniguruma, as .NET expressions that match exactly one code unit.</summary>
internal sealed class OnigurumaClass(string pattern, Func<string, FormatException> error)
{
    /// <summary>\w.</summary>
    public const string Word = "[" + WordItems + "]";

    private const int MaxDepth = 16;
    private const string WordItems = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u24B6-\u24E9";
    private const string SpaceItems = @"\t-\r\x20\x85\xA0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000";
    private const string HanItems = @"\u2E80-\u2E99\u2E9B-\u2EF3\u2F00-\u2FD5\u3005\u3007\u3021-\u3029\u3038-\u303B\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFA6D\uFA70-\uFAD9";
    private const string HangulItems = @"\u1100-\u11FF\u302E\u302F\u3131-\u318E\u3200-\u321E\u3260-\u327E\uA960-\uA97C\uAC00-\uD7A3\uD7B0-\uD7C6\uD7CB-\uD7FB\uFFA0-\uFFDC";

    private static readonly Dictionary<string, string> Properties = Named();
    private static readonly Lazy<Dictionary<char, string>> CaseVariants = new(FindCaseVariants);

    private int depth;

    /// <summary>An expression for one character, or for it and its case variants.</summary>
    public static string OneOf(char c, bool ignoreCase) =>
        ignoreCase && CaseVariants.Value.TryGetValue(c, out string? all) ? $"[{string.Concat(all.Select(Code))}]" : Code(c);

    /// <summary>Reads a class from its <c>[</c> to its <c>]</c>.</summary>
    public string Bracketed(ref int at, bool ignoreCase)
    {
        if (++depth > MaxDepth) throw error($"classes nest deeper than {MaxDepth}");
        at++;
        bool negated = Take(ref at, '^');
        List<string> conditions = [];
        StringBuilder items = new();
        List<string> others = [];
        bool first = true;
        while (true)
        {
            if (at >= pattern.Length) throw error("a class that does not end");
            char c = pattern[at];
            if (c == ']' && !first)
            {
                at++;
                break;
            }

            first = false;
            if (c == '[' && Posix(ref at) is { } posix) Add(posix, items, others);
            else if (c == '[') others.Add(Bracketed(ref at, ignoreCase));
            else if (c == '&' && at + 1 < pattern.Length && pattern[at + 1] == '&')
            {
                at += 2;
                conditions.Add(Union(items, others));
                items.Clear();
                others = [];
            }
            else ItemOrRange(ref at, ignoreCase, items, others);
        }

        depth--;
        string union = Union(items, others);
        string all = string.Concat(conditions.Select(condition => $"(?={condition})")) + union;
        if (!negated) return conditions.Count == 0 ? union : $"(?:{all})";
        return conditions.Count == 0 && others.Count == 0 && items.Length > 0 ? $"[^{items}]" : $@"(?:(?!{all})[\s\S])";
    }

    /// <summary>Reads an escape outside a class.</summary>
    public string Escape(ref int at, bool ignoreCase)
    {
        if (ClassEscape(ref at) is { } set) return set;
        return OneOf(CharacterEscape(ref at), ignoreCase);
    }

    private static string Union(StringBuilder items, List<string> others)
    {
        if (others.Count == 0) return items.Length == 0 ? "(?!)" : $"[{items}]";
        IEnumerable<string> all = items.Length == 0 ? others : others.Prepend($"[{items}]");
        return $"(?:{string.Join('|', all)})";
    }

    private static void Add(string set, StringBuilder items, List<string> others)
    {
        // "[abc]" can be written into the class around it; a negated set cannot.
        if (set.StartsWith('[') && !set.StartsWith("[^", StringComparison.Ordinal)) items.Append(set.AsSpan(1, set.Length - 2));
        else others.Add(set);
    }

    private void ItemOrRange(ref int at, bool ignoreCase, StringBuilder items, List<string> others)
    {
        if (pattern[at] == '\\' && ClassEscape(ref at) is { } set)
        {
            Add(set, items, others);
            return;
        }

        char low = Character(ref at), high = low;
        bool range = at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']';
        if (range)
        {
            at++;
            if (pattern[at] is '[' || (pattern[at] == '\\' && IsClassEscape(at))) throw error("a range that ends in a class");
            high = Character(ref at);
            if (high < low) throw error("a range whose end comes before its start");
        }

        items.Append(Code(low));
        if (range) items.Append('-').Append(Code(high));
        if (!ignoreCase) return;
        for (int c = low; c <= high; c++)
        {
            if (CaseVariants.Value.TryGetValue((char)c, out string? all)) items.Append(string.Concat(all.Select(Code)));
        }
    }

    private char Character(ref int at)
    {
        char c = pattern[at];
        if (c == '\\') return CharacterEscape(ref at);
        if (char.IsSurrogate(c)) throw error("a character beyond U+FFFF");
        at++;
        return c;
    }

    private bool IsClassEscape(int at) => at + 1 < pattern.Length && pattern[at + 1] is 'p' or 'P' or 's' or 'S' or 'd' or 'D' or 'w' or 'W' or 'h' or 'H';

    /// <summary>Reads <c>\s</c>, <c>\p{…}</c> and the like; null, and nothing read, if it is an escape of one character.</summary>
    private string? ClassEscape(ref int at)
    {
        if (!IsClassEscape(at)) return null;
        char kind = pattern[at + 1];
        at += 2;
        switch (kind)
        {
            case 's':
                return $"[{SpaceItems}]";
            case 'S':
                return $"[^{SpaceItems}]";
            case 'd':
                return @"[\p{Nd}]";
            case 'D':
                return @"[^\p{Nd}]";
            case 'w':
                return Word;
            case 'W':
                return $"[^{WordItems}]";
            case 'h':
                return "[0-9a-fA-F]";
            case 'H':
                return "[^0-9a-fA-F]";
        }

        int end = at < pattern.Length && pattern[at] == '{' ? pattern.IndexOf('}', at) : -1;
        if (end < 0) throw error("a property without its braces");
        string name = pattern[(at + 1)..end];
        bool negated = kind == 'P' ^ name.StartsWith('^');
        string items = Find(name.TrimStart('^'));
        at = end + 1;
        return negated ? $"[^{items}]" : $"[{items}]";
    }

    private string? Posix(ref int at)
    {
        if (at + 1 >= pattern.Length || pattern[at + 1] != ':') return null;
        int end = pattern.IndexOf(":]", at + 2, StringComparison.Ordinal);
        if (end < 0 || end - at > 20) return null;
        string name = pattern[(at + 2)..end];
        string items = Find(name.TrimStart('^'));
        at = end + 2;
        return name.StartsWith('^') ? $"[^{items}]" : $"[{items}]";
    }

    private string Find(string name) => Properties.TryGetValue(Key(name), out string? items) ? items : throw error($"the property '{name}' is not known");

    private char CharacterEscape(ref int at)
    {
        if (at + 1 >= pattern.Length) throw error("'\\' at the end");
        char c = pattern[at + 1];
        at += 2;
        switch (c)
        {
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'a':
                return '\a';
            case 'e':
                return '\u001B';
            case '0':
                return '\0';
            case 'u':
                return Hex(ref at, 4, 4);
            case 'x' when at < pattern.Length && pattern[at] == '{':
                at++;
                char braced = Hex(ref at, 1, 8);
                return Take(ref at, '}') ? braced : throw error("'\\x{' without its '}'");
            case 'x':
                return Hex(ref at, 1, 2);
            default:
                if (char.IsSurrogate(c)) throw error("a character beyond U+FFFF");
                return char.IsAsciiLetterOrDigit(c) ? throw error($"'\\{c}' is not understood") : c;
        }
    }

    private char Hex(ref int at, int least, int most)
    {
        int start = at;
        while (at < pattern.Length && at - start < most && char.IsAsciiHexDigit(pattern[at])) at++;
        if (at - start < least) throw error("too few hexadecimal digits");
        uint value = uint.Parse(pattern.AsSpan(start, at - start), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return value <= 0xFFFF && !char.IsSurrogate((char)value) ? (char)value : throw error("a character beyond U+FFFF");
    }

    private bool Take(ref int at, char c)
    {
        if (at >= pattern.Length || pattern[at] != c) return false;
        at++;
        return true;
    }

    private static string Code(char c) => char.IsAsciiLetterOrDigit(c) ? c.ToString() : $"\\u{(int)c:X4}";

    private static string Key(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();

    private static Dictionary<string, string> Named()
    {
        Dictionary<string, string> named = [];
        string[] categories =
        [
            "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co", "Cn",
            "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So",
        ];
        foreach (string category in categories) named[Key(category)] = $@"\p{{{category}}}";
        foreach ((string name, string category) in new[]
                 {
                     ("Letter", "L"), ("Mark", "M"), ("Number", "N"), ("Separator", "Z"), ("Other", "C"), ("Punctuation", "P"), ("Symbol", "S"),
                     ("Upper", "Lu"), ("Lower", "Ll"), ("Digit", "Nd"), ("Cntrl", "Cc"),
                 })
        {
            named[Key(name)] = $@"\p{{{category}}}";
        }

        named["SPACE"] = named["WHITESPACE"] = SpaceItems;
        named["BLANK"] = @"\t\p{Zs}";
        named["WORD"] = WordItems;
        named["ALPHA"] = named["ALPHABETIC"] = @"\p{L}\p{Nl}\u24B6-\u24E9";
        named["ALNUM"] = @"\p{L}\p{Nl}\p{Nd}\u24B6-\u24E9";
        named["PUNCT"] = @"\p{P}$+<=>\^`|~";
        named["XDIGIT"] = "0-9a-fA-F";
        named["ASCII"] = @"\x00-\x7F";
        named["ANY"] = @"\s\S";
        named["HAN"] = HanItems;
        named["HIRAGANA"] = @"\u3041-\u3096\u309D-\u309F";
        named["KATAKANA"] = @"\u30A1-\u30FA\u30FD-\u30FF\u31F0-\u31FF\u32D0-\u32FE\u3300-\u3357\uFF66-\uFF6F\uFF71-\uFF9D";
        named["HANGUL"] = HangulItems;
        return named;
    }

    /// <summary>For each character of the basic plane that has case variants, all of them with itself (simple folding).</summary>
    private static Dictionary<char, string> FindCaseVariants()
    {
        // Dotless and dotted i fold to themselves; the long s folds to s, which .NET's invariant casing leaves out.
        IEnumerable<IGrouping<char, char>> groups = Enumerable.Range(0, 0x10000).Select(c => (char)c)
            .Where(c => !char.IsSurrogate(c) && c is not ('\u0130' or '\u0131'))
            .GroupBy(c => c == 'ſ' ? 's' : char.ToLowerInvariant(char.ToUpperInvariant(c)));
        Dictionary<char, string> variants = [];
        foreach (IGrouping<char, char> group in groups.Where(group => group.Skip(1).Any()))
        {
            string all = string.Concat(group);
            foreach (char c in all) variants[c] = all;
        }

        return variants;
    }
}
