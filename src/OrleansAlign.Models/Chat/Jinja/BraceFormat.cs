using System.Globalization;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Python's <c>format.format(values)</c>, with fields, conversions and simple layouts; what is put in keeps its marks.</summary>
internal sealed class BraceFormat
{
    private readonly MarkedText format;
    private readonly Arguments arguments;
    private readonly Runtime runtime;
    private readonly MarkedText.Builder builder = new();
    private int next;

    private BraceFormat(MarkedText format, Arguments arguments, Runtime runtime) =>
        (this.format, this.arguments, this.runtime) = (format, arguments, runtime);

    public static MarkedText Apply(MarkedText format, Arguments arguments, Runtime runtime)
    {
        runtime.Budget.Make(format.Text.Length);
        var formatter = new BraceFormat(format, arguments, runtime);
        formatter.Run();
        return formatter.builder.Build();
    }

    private void Run()
    {
        string text = format.Text;
        int position = 0;
        while (position < text.Length)
        {
            int brace = text.AsSpan(position).IndexOfAny('{', '}');
            int at = brace < 0 ? text.Length : position + brace;
            builder.Append(format, position, at);
            if (at == text.Length) return;
            if (at + 1 < text.Length && text[at + 1] == text[at])
            {
                builder.Append(format, at, at + 1);
                position = at + 2;
                continue;
            }

            int close = text.IndexOf('}', at);
            if (text[at] == '}' || close < 0) throw new TemplateFault("a brace in a format stands alone. Write it twice for the character itself.");
            MarkedText piece = Field(text[(at + 1)..close], format.IsContent(at));
            runtime.Budget.Make(piece.Text.Length);
            runtime.Budget.CheckLength((long)builder.Length + piece.Text.Length);
            builder.Append(piece);
            position = close + 1;
        }
    }

    private MarkedText Field(string field, bool isContent)
    {
        int colon = field.IndexOf(':', StringComparison.Ordinal);
        string layout = colon < 0 ? "" : field[(colon + 1)..], name = colon < 0 ? field : field[..colon];
        bool represent = name.EndsWith("!r", StringComparison.Ordinal);
        bool convert = represent || name.EndsWith("!s", StringComparison.Ordinal);
        Value value = Find(convert ? name[..^2] : name);
        if (represent) value = new StringValue(Printing.Represent(value, runtime.Budget));
        else if (convert) value = new StringValue(Printing.Text(value, runtime.Budget));
        return layout.Length == 0 ? Printing.Text(value, runtime.Budget) : Laid(value, layout, isContent);
    }

    private Value Find(string path)
    {
        int end = path.AsSpan().IndexOfAny('.', '[');
        string head = end < 0 ? path : path[..end];
        Value value = Head(head);
        for (int at = end < 0 ? path.Length : end; at < path.Length;)
        {
            bool isItem = path[at] == '[';
            int stop = isItem ? path.IndexOf(']', at) : path.AsSpan(at + 1).IndexOfAny('.', '[') is >= 0 and var dot ? at + 1 + dot : path.Length;
            if (stop < 0) throw new TemplateFault($"the field '{path}' of a format is not closed. Add ']'.");
            string part = path[(at + 1)..stop];
            value = isItem
                ? Members.Item(value, Numbers.ParseWhole(part, 10) is { } index ? new IntValue(index) : StringValue.OfFrame(part), runtime)
                : Members.Attribute(value, part, runtime);
            at = isItem ? stop + 1 : stop;
        }

        return value is UndefinedValue undefined ? throw undefined.Fault() : value;
    }

    private Value Head(string head)
    {
        if (head.Length > 0 && !head.All(char.IsAsciiDigit))
        {
            int named = arguments.Named.FindIndex(argument => argument.Name.Text == head);
            return named >= 0 ? arguments.Named[named].Value : throw new TemplateFault($"the format names '{head}', which it is not given.");
        }

        int place = head.Length == 0 ? next++ : int.TryParse(head, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue;
        return place < arguments.Positional.Count
            ? arguments.Positional[place]
            : throw new TemplateFault($"the format has a place for value {place}, but is given {arguments.Positional.Count}.");
    }

    /// <summary><c>[[fill]align][sign][0][width][,][.precision][type]</c>.</summary>
    private MarkedText Laid(Value value, string layout, bool isContent)
    {
        int at = 0;
        MarkedText fill = MarkedText.OfFrame(" ");
        char align = '\0', sign = '-';
        if (layout.Length > 1 && layout[1] is '<' or '>' or '^')
        {
            (fill, align) = (isContent ? MarkedText.OfContent(layout[..1]) : MarkedText.OfFrame(layout[..1]), layout[1]);
            at = 2;
        }
        else if (layout[0] is '<' or '>' or '^')
        {
            align = layout[at++];
        }

        if (at < layout.Length && layout[at] is '+' or '-' or ' ') sign = layout[at++];
        bool zero = at < layout.Length && layout[at] == '0';
        int width = Integer(layout, ref at) ?? 0;
        bool grouped = at < layout.Length && layout[at] == ',';
        if (grouped) at++;
        int? precision = null;
        if (at < layout.Length && layout[at] == '.')
        {
            at++;
            precision = Integer(layout, ref at) ?? 0;
        }

        char type = at < layout.Length ? layout[at++] : '\0';
        if (at != layout.Length) throw new TemplateFault($"the layout '{layout}' of a format is not understood.");
        if (!Numbers.IsNumber(value) || type == 's') return OfText(value, precision, width, fill, align == '\0' ? '<' : align);

        string before = NumberFormat.IsNegative(value) ? "-" : sign == '-' ? "" : sign.ToString();
        string digits = Digits(value, type, precision);
        if (grouped) digits = Group(digits);
        runtime.Budget.CheckLength(width);
        if (zero && align == '\0') digits = digits.PadLeft(Math.Max(0, width - before.Length), '0');
        return Padding.Apply(MarkedText.OfFrame(before + digits), width, fill, align == '\0' ? '>' : align, runtime.Budget);
    }

    private MarkedText OfText(Value value, int? precision, int width, MarkedText fill, char align)
    {
        MarkedText text = Printing.Text(value, runtime.Budget);
        if (precision is int most && most < MarkedStrings.Length(text.Text)) text = MarkedStrings.Slice(text, 0, 1, most, runtime.Budget);
        return Padding.Apply(text, width, fill, align, runtime.Budget);
    }

    private static string Digits(Value value, char type, int? precision)
    {
        if (type != '\0') return NumberFormat.Digits(value, type == 'n' ? 'd' : type, precision);
        if (Numbers.IsWhole(value)) return NumberFormat.Digits(value, 'd', null);
        return precision is null ? Numbers.Print(Math.Abs(Numbers.Real(value))) : NumberFormat.Digits(value, 'g', precision);
    }

    private static string Group(string digits)
    {
        int end = 0;
        while (end < digits.Length && char.IsAsciiDigit(digits[end])) end++;
        for (int i = end - 3; i > 0; i -= 3) digits = digits.Insert(i, ",");
        return digits;
    }

    private static int? Integer(string layout, ref int at)
    {
        int start = at;
        while (at < layout.Length && char.IsAsciiDigit(layout[at])) at++;
        if (at == start) return null;
        return int.TryParse(layout.AsSpan(start, at - start), out int number) ? number : throw new TemplateFault("a width in a format is too large.");
    }
}
