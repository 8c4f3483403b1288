using System.Globalization;
using System.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Reads the tokens inside of a tag.</summary>
internal static class ExpressionLexer
{
    private static readonly string[] LongOperators = ["//", "**", "==", "!=", ">=", "<="];

    /// <summary>The token at <paramref name="at"/>, which is neither white space nor the end, and the position after it.</summary>
    public static (Token Token, int Next) Next(string source, int at, int line)
    {
        char c = source[at];
        if (c is '\'' or '"') return Quoted(source, at, line);
        if (char.IsAsciiDigit(c)) return Number(source, at, line);
        if (Characters.IsNameStart(c))
        {
            int end = at + 1;
            while (end < source.Length && Characters.IsNamePart(source[end])) end++;
            return (new Token(TokenKind.Name, source[at..end], line), end);
        }

        foreach (string op in LongOperators)
            if (string.CompareOrdinal(source, at, op, 0, 2) == 0) return (new Token(TokenKind.Operator, op, line), at + 2);
        if ("+-/*%~[](){}><=.:|,".Contains(c, StringComparison.Ordinal)) return (new Token(TokenKind.Operator, c.ToString(), line), at + 1);
        throw new TemplateFault($"the character '{c}' (U+{(int)c:X4}) means nothing in a tag. Quote it, or remove it.", line);
    }

    private static (Token Token, int Next) Number(string source, int at, int line)
    {
        int end = at;
        if (source[at] == '0' && at + 1 < source.Length && char.ToLowerInvariant(source[at + 1]) is 'x' or 'o' or 'b')
        {
            end = at + 2;
            while (end < source.Length && (char.IsAsciiHexDigit(source[end]) || source[end] == '_')) end++;
            return (new Token(TokenKind.Number, source[at..end], line), end);
        }

        end = Digits(source, at);
        bool followsDot = at > 0 && source[at - 1] == '.';
        if (!followsDot && end + 1 < source.Length && source[end] == '.' && char.IsAsciiDigit(source[end + 1])) end = Digits(source, end + 1);
        if (!followsDot && end < source.Length && source[end] is 'e' or 'E')
        {
            int power = end + 1 < source.Length && source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (power < source.Length && char.IsAsciiDigit(source[power])) end = Digits(source, power);
        }

        return (new Token(TokenKind.Number, source[at..end], line), end);
    }

    private static int Digits(string source, int at)
    {
        bool IsDigit(int i) => i < source.Length && char.IsAsciiDigit(source[i]);
        while (IsDigit(at) || (at < source.Length && source[at] == '_' && IsDigit(at + 1))) at++;
        return at;
    }

    private static (Token Token, int Next) Quoted(string source, int at, int line)
    {
        var text = new StringBuilder();
        int i = at + 1;
        while (i < source.Length && source[i] != source[at])
        {
            if (source[i] != '\\') text.Append(source[i++]);
            else if (i + 1 < source.Length) i = Escape(source, i + 1, text, line);
            else break;
        }

        if (i >= source.Length) throw new TemplateFault($"a text that opens with {source[at]} is never closed.", line);
        return (new Token(TokenKind.String, text.ToString(), line), i + 1);
    }

    /// <summary>Resolves the escape whose letter is at <paramref name="i"/>, as Python does; an unknown one stays as written.</summary>
    private static int Escape(string source, int i, StringBuilder text, int line)
    {
        char letter = source[i];
        switch (letter)
        {
            case '\n': return i + 1;
            case '\\' or '\'' or '"': text.Append(letter); return i + 1;
            case 'n': text.Append('\n'); return i + 1;
            case 't': text.Append('\t'); return i + 1;
            case 'r': text.Append('\r'); return i + 1;
            case 'a': text.Append('\a'); return i + 1;
            case 'b': text.Append('\b'); return i + 1;
            case 'f': text.Append('\f'); return i + 1;
            case 'v': text.Append('\v'); return i + 1;
            case >= '0' and <= '7': return Octal(source, i, text);
            case 'x': return Hexadecimal(source, i, 2, text, line);
            case 'u': return Hexadecimal(source, i, 4, text, line);
            case 'U': return Hexadecimal(source, i, 8, text, line);
            default: text.Append('\\').Append(letter); return i + 1;
        }
    }

    private static int Octal(string source, int i, StringBuilder text)
    {
        int value = 0, end = i;
        while (end < source.Length && end < i + 3 && source[end] is >= '0' and <= '7') value = (value * 8) + source[end++] - '0';
        text.Append((char)value);
        return end;
    }

    private static int Hexadecimal(string source, int i, int digits, StringBuilder text, int line)
    {
        ReadOnlySpan<char> written = source.AsSpan(i + 1, Math.Min(digits, source.Length - i - 1));
        bool isNumber = uint.TryParse(written, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value);
        if (!isNumber || written.Length < digits || value > 0x10FFFF)
            throw new TemplateFault($"the escape '\\{source[i]}' must be followed by {digits} hexadecimal digits of a character.", line);
        if (value < 0x10000) text.Append((char)value);
        else text.Append(char.ConvertFromUtf32((int)value));
        return i + 1 + digits;
    }
}
