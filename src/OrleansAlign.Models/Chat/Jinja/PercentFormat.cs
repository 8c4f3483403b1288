using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Python's <c>format % values</c>; what is put in keeps its marks.</summary>
internal sealed class PercentFormat
{
    private readonly MarkedText format;
    private readonly Value operand;
    private readonly Budget budget;
    private readonly MarkedText.Builder builder = new();
    private int position;
    private int next;

    private PercentFormat(MarkedText format, Value operand, Budget budget) => (this.format, this.operand, this.budget) = (format, operand, budget);

    public static MarkedText Apply(MarkedText format, Value operand, Budget budget)
    {
        budget.Make(format.Text.Length);
        var formatter = new PercentFormat(format, operand, budget);
        formatter.Run();
        return formatter.builder.Build();
    }

    private void Run()
    {
        string text = format.Text;
        while (true)
        {
            int percent = text.IndexOf('%', position);
            builder.Append(format, position, percent < 0 ? text.Length : percent);
            if (percent < 0) break;
            position = percent + 1;
            Convert(percent);
        }

        if (operand is ListValue { Kind: ListKind.Tuple } tuple ? next < tuple.Items.Count : next == 0 && operand is not (DictValue or ListValue))
            throw new TemplateFault("'%' is given more values than its format has places.");
    }

    private void Convert(int percent)
    {
        Value? named = Peek() == '(' ? Named() : null;
        bool left = false, zero = false, sign = false, blank = false;
        for (; Peek() is '-' or '0' or '+' or ' ' or '#'; position++)
        {
            left |= Peek() == '-';
            zero |= Peek() == '0';
            sign |= Peek() == '+';
            blank |= Peek() == ' ';
        }

        int width = Integer() ?? 0;
        int? precision = null;
        if (Peek() == '.')
        {
            position++;
            precision = Integer() ?? 0;
        }

        char type = Peek();
        position++;
        if (type == '%')
        {
            builder.Append("%", format.IsContent(percent));
            return;
        }

        if (type is not ('s' or 'r' or 'c' or 'd' or 'i' or 'u' or 'f' or 'F' or 'e' or 'E' or 'g' or 'G' or 'x' or 'X' or 'o'))
            throw new TemplateFault($"'%{(type == '\0' ? "" : type)}' in a format means nothing. Write '%%' for a percent sign.");

        Value value = named ?? Next();
        MarkedText piece = type is 's' or 'r' or 'c'
            ? OfText(value, type, precision)
            : OfNumber(value, type, precision, sign, blank, zero && !left ? width : 0);
        piece = Padding.Apply(piece, width, MarkedText.OfFrame(" "), left ? '<' : '>', budget);
        budget.Make(piece.Text.Length);
        budget.CheckLength((long)builder.Length + piece.Text.Length);
        builder.Append(piece);
    }

    private MarkedText OfText(Value value, char type, int? precision)
    {
        if (type == 'c' && (value is not StringValue letter || MarkedStrings.Length(letter.Text) != 1))
            throw new TemplateFault("'%c' in a format needs a text of one character.");
        MarkedText text = type != 'r' ? Printing.Text(value, budget) : Printing.Represent(value, budget);
        return precision is int most && most < MarkedStrings.Length(text.Text) ? MarkedStrings.Slice(text, 0, 1, most, budget) : text;
    }

    private MarkedText OfNumber(Value value, char type, int? precision, bool sign, bool blank, int zerosTo)
    {
        if (value is UndefinedValue undefined) throw undefined.Fault();
        string digits = NumberFormat.Digits(value, type is 'i' or 'u' ? 'd' : type, precision);
        string before = NumberFormat.IsNegative(value) ? "-" : sign ? "+" : blank ? " " : "";
        budget.CheckLength(zerosTo);
        return MarkedText.OfFrame(before + digits.PadLeft(Math.Max(0, zerosTo - before.Length), '0'));
    }

    private char Peek() => position < format.Text.Length ? format.Text[position] : '\0';

    private int? Integer()
    {
        int start = position;
        while (char.IsAsciiDigit(Peek())) position++;
        if (position == start) return null;
        return int.TryParse(format.Text.AsSpan(start, position - start), out int number)
            ? number
            : throw new TemplateFault("a width in a format is too large.");
    }

    private Value Named()
    {
        int close = format.Text.IndexOf(')', position);
        if (close < 0) throw new TemplateFault("'%(' in a format is never closed. Add ')'.");
        string name = format.Text[(position + 1)..close];
        position = close + 1;
        return (operand as DictValue)?.Find(name) ?? throw new TemplateFault($"the format names '{name}', which it is not given.");
    }

    private Value Next()
    {
        int place = next++;
        if (operand is ListValue { Kind: ListKind.Tuple } tuple && place < tuple.Items.Count) return tuple.Items[place];
        return operand is not ListValue { Kind: ListKind.Tuple } && place == 0
            ? operand
            : throw new TemplateFault("'%' is given fewer values than its format has places.");
    }
}
