using System.Globalization;
using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Character classes and escapes of Oniguruma, as .NET expressions that match exactly one code unit of a projected text.</summary>
internal sealed class OnigurumaClass(string pattern, RuneStandIns standIns, Func<string, FormatException> error)
{
    private const int MaxDepth = 16;

    private static readonly Lazy<Dictionary<int, string>> CaseVariants = new(FindCaseVariants);

    private int depth;

    /// <summary>The ranges beyond the basic plane that have come up.</summary>
    public List<(int Low, int High)> Supplementary { get; } = [];

    /// <summary>\w.</summary>
    public string Word => $"[{Items(OnigurumaProperties.Word)}]";

    /// <summary>Reads one character that stands for itself, or for it and its case variants.</summary>
    public string Literal(ref int at, bool ignoreCase) => OneOf(Character(ref at), ignoreCase);

    /// <summary>Reads an escape outside a class.</summary>
    public string Escape(ref int at, bool ignoreCase) => ClassEscape(ref at) ?? OneOf(Character(ref at), ignoreCase);

    /// <summary>Reads a class from its <c>[</c> to its <c>]</c>.</summary>
    public string Bracketed(ref int at, bool ignoreCase)
    {
        if (++depth > MaxDepth) throw error($"classes nest deeper than {MaxDepth}");
        at++;
        bool negated = Take(ref at, '^');
        List<string> conditions = [], others = [];
        StringBuilder items = new();
        for (bool first = true; ; first = false)
        {
            if (at >= pattern.Length) throw error("a class that does not end");
            char c = pattern[at];
            if (c == ']' && !first)
            {
                at++;
                break;
            }

            if (c == '[' && Posix(ref at) is { } posix)
            {
                Add(posix, items, others);
            }
            else if (c == '[')
            {
                others.Add(Bracketed(ref at, ignoreCase));
            }
            else if (c == '&' && at + 1 < pattern.Length && pattern[at + 1] == '&')
            {
                at += 2;
                conditions.Add(Union(items, others));
                items.Clear();
                others = [];
            }
            else
            {
                ItemOrRange(ref at, ignoreCase, items, others);
            }
        }

        depth--;
        string union = Union(items, others);
        string all = string.Concat(conditions.Select(condition => $"(?={condition})")) + union;
        if (!negated) return conditions.Count == 0 ? union : $"(?:{all})";
        return conditions.Count == 0 && others.Count == 0 && items.Length > 0 ? $"[^{items}]" : $@"(?:(?!{all})[\s\S])";
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
        if (set.StartsWith("[^", StringComparison.Ordinal)) others.Add(set);
        else items.Append(set.AsSpan(1, set.Length - 2));
    }

    private void ItemOrRange(ref int at, bool ignoreCase, StringBuilder items, List<string> others)
    {
        if (pattern[at] == '\\' && ClassEscape(ref at) is { } set)
        {
            Add(set, items, others);
            return;
        }

        int low = Character(ref at), high = low;
        if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']')
        {
            at++;
            if (pattern[at] == '[' || IsClassEscape(at)) throw error("a range that ends in a class");
            high = Character(ref at);
            if (high < low) throw error("a range whose end comes before its start");
        }

        items.Append(Range(low, high));
        if (!ignoreCase) return;
        for (int c = low; c <= Math.Min(high, 0xFFFF); c++)
        {
            if (CaseVariants.Value.TryGetValue(c, out string? all)) items.Append(string.Concat(all.Select(variant => Code(variant))));
        }
    }

    private string OneOf(int c, bool ignoreCase)
    {
        if (ignoreCase && CaseVariants.Value.TryGetValue(c, out string? all)) return $"[{string.Concat(all.Select(variant => Code(variant)))}]";
        return c < RuneStandIns.First ? Code(c) : $"[{Range(c, c)}]";
    }

    /// <summary>A range of characters, as items of a class over a projected text.</summary>
    private string Range(int low, int high)
    {
        StringBuilder items = new();
        Part(low, Math.Min(high, RuneStandIns.First - 1));
        if (low <= RuneStandIns.Private && high >= RuneStandIns.First) items.Append(Code(RuneStandIns.Private));
        Part(Math.Max(low, RuneStandIns.Private + 1), Math.Min(high, 0xFFFF));
        if (high > 0xFFFF)
        {
            int from = Math.Max(low, 0x10000);
            Supplementary.Add((from, high));
            items.Append(standIns.Covering(from, high));
        }

        return items.ToString();

        void Part(int from, int to)
        {
            if (from <= to) items.Append(Code(from));
            if (from < to) items.Append('-').Append(Code(to));
        }
    }

    private string Items(OnigurumaProperty property) =>
        property.Items + string.Concat(property.Kinds.Select(standIns.Of))
        + string.Concat(property.Ranges.Select(range => Range(range.Low, range.High)));

    private bool IsClassEscape(int at) =>
        at + 1 < pattern.Length && pattern[at] == '\\' && pattern[at + 1] is 'p' or 'P' or 's' or 'S' or 'd' or 'D' or 'w' or 'W' or 'h' or 'H';

    /// <summary>Reads <c>\s</c>, <c>\p{…}</c> and the like; null, and nothing read, if it is an escape of one character.</summary>
    private string? ClassEscape(ref int at)
    {
        if (!IsClassEscape(at)) return null;
        char kind = pattern[at + 1];
        bool negated = char.IsAsciiLetterUpper(kind);
        at += 2;
        OnigurumaProperty property;
        if (kind is 'p' or 'P')
        {
            int end = at < pattern.Length && pattern[at] == '{' ? pattern.IndexOf('}', at) : -1;
            if (end < 0) throw error("a property without its braces");
            property = Named(pattern[(at + 1)..end], posix: false, ref negated);
            at = end + 1;
        }
        else
        {
            property = char.ToLowerInvariant(kind) switch
            {
                's' => OnigurumaProperties.Space,
                'd' => OnigurumaProperties.Digit,
                'w' => OnigurumaProperties.Word,
                _ => OnigurumaProperties.Hexadecimal,
            };
        }

        return negated ? $"[^{Items(property)}]" : $"[{Items(property)}]";
    }

    private string? Posix(ref int at)
    {
        int end = at + 1 < pattern.Length && pattern[at + 1] == ':' ? pattern.IndexOf(":]", at + 2, StringComparison.Ordinal) : -1;
        if (end < 0 || end - at > 20) return null;
        bool negated = false;
        OnigurumaProperty property = Named(pattern[(at + 2)..end], posix: true, ref negated);
        at = end + 2;
        return negated ? $"[^{Items(property)}]" : $"[{Items(property)}]";
    }

    private OnigurumaProperty Named(string name, bool posix, ref bool negated)
    {
        negated ^= name.StartsWith('^');
        return OnigurumaProperties.Find(name.TrimStart('^'), posix) ?? throw error($"the property '{name}' is not known");
    }

    private int Character(ref int at)
    {
        if (pattern[at] == '\\') return CharacterEscape(ref at);
        if (!Rune.TryGetRuneAt(pattern, at, out Rune rune)) throw error("half a surrogate pair");
        at += rune.Utf16SequenceLength;
        return rune.Value;
    }

    private int CharacterEscape(ref int at)
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
                int braced = Hex(ref at, 1, 8);
                return Take(ref at, '}') ? braced : throw error("'\\x{' without its '}'");
            case 'x':
                return Hex(ref at, 1, 2);
            default:
                if (char.IsAsciiLetterOrDigit(c)) throw error($"'\\{c}' is not understood");
                at--;
                return Rune.TryGetRuneAt(pattern, at, out Rune rune) ? Advance(ref at, rune) : throw error("half a surrogate pair");
        }
    }

    private static int Advance(ref int at, Rune rune)
    {
        at += rune.Utf16SequenceLength;
        return rune.Value;
    }

    private int Hex(ref int at, int least, int most)
    {
        int start = at;
        while (at < pattern.Length && at - start < most && char.IsAsciiHexDigit(pattern[at])) at++;
        if (at - start < least) throw error("too few hexadecimal digits");
        uint value = uint.Parse(pattern.AsSpan(start, at - start), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return Rune.IsValid(value) ? (int)value : throw error("not a character");
    }

    private bool Take(ref int at, char c)
    {
        if (at >= pattern.Length || pattern[at] != c) return false;
        at++;
        return true;
    }

    private static string Code(int c) => char.IsAsciiLetterOrDigit((char)c) ? ((char)c).ToString() : $"\\u{c:X4}";

    /// <summary>For each character of the basic plane that has case variants, all of them with itself (simple folding).</summary>
    private static Dictionary<int, string> FindCaseVariants()
    {
        // Dotless and dotted i fold to themselves; the long s folds to s, which .NET's invariant casing leaves out.
        IEnumerable<IGrouping<char, char>> groups = Enumerable.Range(0, 0x10000).Select(c => (char)c)
            .Where(c => !char.IsSurrogate(c) && c is not ('\u0130' or '\u0131'))
            .GroupBy(c => c == 'ſ' ? 's' : char.ToLowerInvariant(char.ToUpperInvariant(c)));
        Dictionary<int, string> variants = [];
        foreach (IGrouping<char, char> group in groups.Where(group => group.Skip(1).Any()))
        {
            string all = string.Concat(group);
            foreach (char c in all) variants[c] = all;
        }

        return variants;
    }
}
