using System.Globalization;
using System.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Translates a pattern from Oniguruma's syntax, which Hugging Face's tokenizers use, to .NET's.</summary>
/// <remarks>
/// The result is meant for texts of one code unit per character (<see cref="RuneStandIns"/>) and for no option but the invariant culture:
/// case folding is spelt out, <c>^</c> and <c>$</c> are the borders of lines, possessive quantifiers become atomic groups.
/// Left out, and refused: back-references, conditionals, subroutine calls, absent groups, <c>\K</c>, <c>\G</c>, <c>\R</c>, <c>\X</c>.
/// </remarks>
internal sealed class OnigurumaPattern
{
    private const int MaxDepth = 64;
    private const int MaxLength = 20_000;
    private const int MaxRepeat = 100_000;

    private readonly string pattern;
    private readonly OnigurumaClass classes;
    private int at;
    private int depth;
    private bool ignoreCase;
    private bool dotAll;
    private bool extended;

    private OnigurumaPattern(string pattern, RuneStandIns standIns)
    {
        this.pattern = pattern;
        classes = new OnigurumaClass(pattern, standIns, Error);
    }

    /// <summary>The pattern in .NET's syntax, and the stand-ins that a text is to be projected with.</summary>
    /// <exception cref="FormatException">The pattern is malformed, or asks for something that is not understood.</exception>
    public static (string Pattern, RuneStandIns StandIns) ToDotNet(string pattern)
    {
        if (pattern.Length > MaxLength) throw new FormatException($"it has {pattern.Length} characters; at most {MaxLength} are accepted");

        // The characters beyond the basic plane that the pattern spells out are known only after a first pass.
        RuneStandIns standIns = new([]);
        OnigurumaPattern reader = new(pattern, standIns);
        string translated = reader.Whole();
        if (reader.classes.Supplementary.Count == 0) return (translated, standIns);
        standIns = new RuneStandIns(reader.classes.Supplementary);
        return (new OnigurumaPattern(pattern, standIns).Whole(), standIns);
    }

    private string Whole()
    {
        string translated = Alternatives();
        return at == pattern.Length ? translated : throw Error("unmatched ')'");
    }

    private string Alternatives()
    {
        if (++depth > MaxDepth) throw Error($"groups nest deeper than {MaxDepth}");
        StringBuilder text = new();
        (bool Ignore, bool Dot, bool Extended) outer = (ignoreCase, dotAll, extended);
        while (at < pattern.Length && pattern[at] != ')')
        {
            if (pattern[at] == '|')
            {
                text.Append('|');
                at++;
            }
            else
            {
                text.Append(Quantified());
            }
        }

        (ignoreCase, dotAll, extended) = outer;
        depth--;
        return text.ToString();
    }

    private string Quantified()
    {
        if (extended && SkipExtended()) return "";
        string atom = Atom();
        while (at < pattern.Length && Quantifier(out string? quantifier, out bool possessive))
        {
            if (atom.Length == 0) throw Error("nothing to repeat");
            atom = possessive ? $"(?>(?:{atom}){quantifier})" : $"(?:{atom}){quantifier}";
        }

        return atom;
    }

    private bool SkipExtended()
    {
        if (char.IsWhiteSpace(pattern[at]))
        {
            at++;
            return true;
        }

        if (pattern[at] != '#') return false;
        while (at < pattern.Length && pattern[at] != '\n') at++;
        return true;
    }

    private bool Quantifier(out string? quantifier, out bool possessive)
    {
        (quantifier, possessive) = (null, false);
        switch (pattern[at])
        {
            case '*' or '+' or '?':
                quantifier = pattern[at++].ToString();
                possessive = Take('+');
                if (!possessive && Take('?')) quantifier += "?";
                return true;
            case '{' when Interval(out int low, out int? high, out bool exact):
                if (low > MaxRepeat || high > MaxRepeat) throw Error($"repeated more than {MaxRepeat} times");
                if (high < low) throw Error("an interval whose end comes before its start");
                quantifier = exact ? $"{{{low}}}" : $"{{{low},{high?.ToString(CultureInfo.InvariantCulture)}}}";

                // Here, as in Ruby, '+' after an interval repeats it again, and '?' after an exact one makes it optional.
                if (!exact && Take('?')) quantifier += "?";
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c>, <c>{,m}</c> or <c>{n,m}</c>; anything else is a brace that stands for itself.</summary>
    private bool Interval(out int low, out int? high, out bool exact)
    {
        int start = at++;
        (low, high, exact) = (0, null, false);
        int? first = Number();
        bool comma = Take(',');
        int? second = comma ? Number() : null;
        if ((first is null && second is null) || !Take('}'))
        {
            at = start;
            return false;
        }

        (low, high, exact) = (first ?? 0, comma ? second : first, !comma);
        return true;
    }

    private int? Number()
    {
        int start = at;
        while (at < pattern.Length && char.IsAsciiDigit(pattern[at])) at++;
        if (at == start) return null;
        return at - start <= 7 ? int.Parse(pattern.AsSpan(start, at - start), CultureInfo.InvariantCulture) : MaxRepeat + 1;
    }

    private string Atom()
    {
        char c = pattern[at];
        switch (c)
        {
            case '(':
                return Group();
            case '[':
                return classes.Bracketed(ref at, ignoreCase);
            case '.':
                at++;
                return dotAll ? @"[\s\S]" : @"[^\n]";
            case '^':
                at++;
                return @"(?:\A|(?<=\n))";
            case '$':
                at++;
                return @"(?=\n|\z)";
            case '*' or '+' or '?':
                throw Error("nothing to repeat");
            case '\\':
                return Escaped();
            default:
                return classes.Literal(ref at, ignoreCase);
        }
    }

    private string Escaped()
    {
        if (at + 1 >= pattern.Length) throw Error("'\\' at the end");
        switch (pattern[at + 1])
        {
            case 'b':
                at += 2;
                return $"(?:(?<={classes.Word})(?!{classes.Word})|(?<!{classes.Word})(?={classes.Word}))";
            case 'B':
                at += 2;
                return $"(?:(?<={classes.Word})(?={classes.Word})|(?<!{classes.Word})(?!{classes.Word}))";
            case 'A' or 'z' or 'Z':
                at += 2;
                return "\\" + pattern[at - 1];
            case 'G' or 'K' or 'R' or 'X' or 'k' or 'g' or (>= '1' and <= '9'):
                throw Error($"'\\{pattern[at + 1]}' is not understood here");
            default:
                return classes.Escape(ref at, ignoreCase);
        }
    }

    private string Group()
    {
        at++;
        string open = "(?:";
        if (Take('?'))
        {
            if (Starts("<=") || Starts("<!"))
            {
                open = Starts("<=") ? "(?<=" : "(?<!";
                at += 2;
            }
            else if (at < pattern.Length && pattern[at] is ':' or '=' or '!' or '>')
            {
                open = "(?" + pattern[at++];
            }
            else if (Take('#'))
            {
                while (at < pattern.Length && pattern[at] != ')') at++;
                if (!Take(')')) throw Error("a comment that does not end");
                return "";
            }
            else if (Take('<') || Take('\''))
            {
                // Only back-references use a group's name, and they are refused.
                while (at < pattern.Length && (char.IsLetterOrDigit(pattern[at]) || pattern[at] == '_')) at++;
                if (!Take('>') && !Take('\'')) throw Error("a group's name that does not end");
            }
            else
            {
                return OptionGroup();
            }
        }

        string body = Alternatives();
        return Take(')') ? open + body + ")" : throw Error("a group that does not end");
    }

    /// <summary>Reads <c>(?imx-imx)</c>, which holds to the end of the group around it, or <c>(?imx-imx:…)</c>.</summary>
    private string OptionGroup()
    {
        (bool Ignore, bool Dot, bool Extended) outer = (ignoreCase, dotAll, extended);
        bool on = true;
        for (; at < pattern.Length && pattern[at] is not (')' or ':'); at++)
        {
            switch (pattern[at])
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    ignoreCase = on;
                    break;
                case 'm':
                    dotAll = on;
                    break;
                case 'x':
                    extended = on;
                    break;
                default:
                    throw Error($"'(?{pattern[at]}' is not understood");
            }
        }

        bool isolated = Take(':');
        string body = Alternatives();
        if (isolated)
        {
            (ignoreCase, dotAll, extended) = outer;
            return Take(')') ? $"(?:{body})" : throw Error("a group that does not end");
        }

        // "(?i)ab|c" is "(?i:ab|c)": its ')' comes first, then the rest of the group around it.
        if (body.Length > 0 || !Take(')')) throw Error("a group that does not end");
        string rest = Alternatives();
        (ignoreCase, dotAll, extended) = outer;
        return $"(?:{rest})";
    }

    private bool Starts(string text) => string.CompareOrdinal(pattern, at, text, 0, text.Length) == 0;

    private bool Take(char c)
    {
        if (at >= pattern.Length || pattern[at] != c) return false;
        at++;
        return true;
    }

    private FormatException Error(string problem) => new($"{problem}, at character {at}");
}
