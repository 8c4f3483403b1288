namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Cuts a template into text and tags, with the white space rules that transformers sets.</summary>
/// <remarks>
/// <c>trim_blocks</c>: the newline after a block or comment goes. <c>lstrip_blocks</c>: blanks before a block or comment go when nothing
/// else precedes it on its line. A minus sign in a tag takes all white space on its side, a plus sign switches these rules off. One newline
/// at the template's end goes; <c>\r\n</c> and <c>\r</c> count as <c>\n</c>.
/// </remarks>
internal sealed class TemplateLexer
{
    private const int MaxLength = 1 << 22;
    private readonly string source;
    private readonly List<Token> tokens = [];
    private int position;
    private int line = 1;

    private TemplateLexer(string source) => this.source = source;

    public static List<Token> Read(string template)
    {
        if (template.Length > MaxLength) throw new TemplateFault($"the template has {template.Length} characters; at most {MaxLength} are read.", 1);
        string source = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (source.EndsWith('\n')) source = source[..^1];
        var lexer = new TemplateLexer(source);
        lexer.ReadAll();
        return lexer.tokens;
    }

    private void ReadAll()
    {
        while (NextTag() is int tag)
        {
            char kind = source[tag + 1];
            char sign = tag + 2 < source.Length && source[tag + 2] is '-' or '+' ? source[tag + 2] : ' ';
            TakeText(tag, sign, isOutput: kind == '{');
            int begin = tag + (sign == ' ' ? 2 : 3);
            if (kind == '%' && RawBegin(begin) is int rawStart)
            {
                Advance(rawStart);
                ReadRaw();
                continue;
            }

            int openedAt = line;
            Advance(begin);
            if (kind == '#')
            {
                ReadComment(openedAt);
                continue;
            }

            tokens.Add(new Token(kind == '{' ? TokenKind.OutputBegin : TokenKind.BlockBegin, kind == '{' ? "{{" : "{%", openedAt));
            ReadExpression(kind == '{' ? '}' : '%', openedAt);
        }

        TakeText(source.Length, ' ', isOutput: true);
        tokens.Add(new Token(TokenKind.End, "", line));
    }

    private int? NextTag()
    {
        for (int i = source.IndexOf('{', position); i >= 0 && i + 1 < source.Length; i = source.IndexOf('{', i + 1))
            if (source[i + 1] is '%' or '{' or '#') return i;
        return null;
    }

    /// <summary>Adds the text up to the tag at <paramref name="end"/>, cut at its right as the tag asks.</summary>
    private void TakeText(int end, char sign, bool isOutput)
    {
        int kept = end;
        if (sign == '-')
        {
            while (kept > position && Characters.IsSpace(source[kept - 1])) kept--;
        }
        else if (sign != '+' && !isOutput)
        {
            int start = end;
            while (start > position && source[start - 1] != '\n' && Characters.IsSpace(source[start - 1])) start--;
            if (start == 0 || source[start - 1] == '\n') kept = start;
        }

        if (kept > position) tokens.Add(new Token(TokenKind.Text, source[position..kept], line));
        Advance(end);
    }

    /// <summary>Moves to <paramref name="next"/>, counting lines.</summary>
    private void Advance(int next)
    {
        line += source.AsSpan(position, next - position).Count('\n');
        position = next;
    }

    private int SkipSpace(int from)
    {
        while (from < source.Length && Characters.IsSpace(source[from])) from++;
        return from;
    }

    /// <summary>The position after a tag's end at <paramref name="at"/>, trimmed as it asks; null when there is none.</summary>
    private int? TagEnd(int at, char mark, bool trimsNewline)
    {
        bool Closes(int i) => i + 1 < source.Length && source[i] == mark && source[i + 1] == '}';
        if (at < source.Length && source[at] == '-' && Closes(at + 1)) return SkipSpace(at + 3);
        if (at < source.Length && source[at] == '+' && mark != '}' && Closes(at + 1)) return at + 3;
        if (!Closes(at)) return null;
        return trimsNewline && at + 2 < source.Length && source[at + 2] == '\n' ? at + 3 : at + 2;
    }

    private int? Keyword(int at, string keyword)
    {
        int start = SkipSpace(at);
        return string.CompareOrdinal(source, start, keyword, 0, keyword.Length) == 0 ? SkipSpace(start + keyword.Length) : null;
    }

    private int? RawBegin(int at) =>
        Keyword(at, "raw") is int after && (after >= source.Length || source[after] != '+') ? TagEnd(after, '%', trimsNewline: false) : null;

    private void ReadRaw()
    {
        int openedAt = line;
        int next = position;
        while (source.IndexOf("{%", next, StringComparison.Ordinal) is >= 0 and var tag)
        {
            next = tag + 2;
            char sign = tag + 2 < source.Length && source[tag + 2] is '-' or '+' ? source[tag + 2] : ' ';
            if (Keyword(tag + (sign == ' ' ? 2 : 3), "endraw") is not int after || TagEnd(after, '%', trimsNewline: true) is not int end) continue;
            TakeText(tag, sign, isOutput: false);
            Advance(end);
            return;
        }

        throw new TemplateFault("'{% raw %}' is never closed. Add '{% endraw %}'.", openedAt);
    }

    private void ReadComment(int openedAt)
    {
        int close = source.IndexOf("#}", position, StringComparison.Ordinal);
        if (close < 0) throw new TemplateFault("the comment '{#' is never closed. Add '#}'.", openedAt);
        int end = close > position && source[close - 1] is '-' or '+' ? close - 1 : close;
        Advance(TagEnd(end, '#', trimsNewline: true) ?? close + 2);
    }

    private void ReadExpression(char mark, int openedAt)
    {
        var brackets = new Stack<(char Closer, int Line)>();
        while (true)
        {
            Advance(SkipSpace(position));
            if (position >= source.Length)
                throw new TemplateFault($"the tag '{{{(mark == '}' ? '{' : mark)}' is never closed. Add '{mark}}}'.", openedAt);
            if (brackets.Count == 0 && TagEnd(position, mark, trimsNewline: mark == '%') is int end)
            {
                tokens.Add(new Token(mark == '%' ? TokenKind.BlockEnd : TokenKind.OutputEnd, "", line));
                Advance(end);
                return;
            }

            (Token token, int next) = ExpressionLexer.Next(source, position, line);
            if (token.Kind == TokenKind.Operator) Balance(token, brackets);
            tokens.Add(token);
            Advance(next);
        }
    }

    private static void Balance(Token token, Stack<(char Closer, int Line)> brackets)
    {
        switch (token.Text)
        {
            case "(":
                brackets.Push((')', token.Line));
                break;
            case "[":
                brackets.Push((']', token.Line));
                break;
            case "{":
                brackets.Push(('}', token.Line));
                break;
            case ")" or "]" or "}" when brackets.Count == 0:
                throw new TemplateFault($"'{token.Text}' closes nothing that was opened in this tag.", token.Line);
            case ")" or "]" or "}":
                (char closer, int opened) = brackets.Pop();
                if (closer != token.Text[0])
                    throw new TemplateFault($"'{token.Text}' stands where '{closer}' must close line {opened}'s bracket.", token.Line);
                break;
        }
    }
}
