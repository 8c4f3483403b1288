using System.Globalization;
using System.Text;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Python's <c>str</c> and <c>repr</c>.</summary>
internal static class Printing
{
    /// <summary><c>str(value)</c>.</summary>
    public static MarkedText Text(Value value, Budget budget)
    {
        switch (value)
        {
            case StringValue text: return text.Marked;
            case UndefinedValue: return MarkedText.OfFrame("");
            default: return Represent(value, budget);
        }
    }

    /// <summary><c>repr(value)</c>.</summary>
    public static MarkedText Represent(Value value, Budget budget)
    {
        var builder = new MarkedText.Builder();
        Represent(builder, value, budget);
        return builder.Build();
    }

    private static void Represent(MarkedText.Builder builder, Value value, Budget budget)
    {
        budget.Enter();
        switch (value)
        {
            case StringValue text:
                Quote(builder, text.Marked, budget);
                break;
            case ListValue list:
                RepresentList(builder, list, budget);
                break;
            case DictValue dictionary:
                RepresentItems(builder, "{", "}", dictionary.Items, budget, item =>
                {
                    Represent(builder, item.Key, budget);
                    builder.Append(": ", isContent: false);
                    Represent(builder, item.Value, budget);
                });
                break;
            default:
                builder.Append(Plain(value), isContent: false);
                break;
        }

        budget.CheckLength(builder.Length);
        budget.Leave();
    }

    private static string Plain(Value value) => value switch
    {
        NoneValue => "None",
        BoolValue => value.IsTrue ? "True" : "False",
        IntValue whole => whole.Number.ToString(CultureInfo.InvariantCulture),
        FloatValue real => Numbers.Print(real.Number),
        RangeValue range => range.Printed,
        UndefinedValue => "Undefined",
        CallableValue callable => $"<function {callable.Name}>",
        _ => $"<{value.TypeName} object>",
    };

    private static void RepresentList(MarkedText.Builder builder, ListValue list, Budget budget)
    {
        (string open, string close) = list.Kind switch
        {
            ListKind.List => ("[", "]"),
            ListKind.Tuple => ("(", list.Items.Count == 1 ? ",)" : ")"),
            _ => ($"{list.TypeName}([", "])"),
        };
        RepresentItems(builder, open, close, list.Items, budget, item => Represent(builder, item, budget));
    }

    private static void RepresentItems<T>(
        MarkedText.Builder builder, string open, string close, IEnumerable<T> items, Budget budget, Action<T> represent)
    {
        builder.Append(open, isContent: false);
        bool first = true;
        foreach (T item in items)
        {
            if (!first) builder.Append(", ", isContent: false);
            first = false;
            represent(item);
        }

        budget.Step();
        builder.Append(close, isContent: false);
    }

    private static void Quote(MarkedText.Builder builder, MarkedText text, Budget budget)
    {
        budget.Spend(text.Text.Length);
        bool hasSingle = text.Text.Contains('\'', StringComparison.Ordinal), hasDouble = text.Text.Contains('"', StringComparison.Ordinal);
        char quote = hasSingle && !hasDouble ? '"' : '\'';
        builder.Append(quote.ToString(), isContent: false);
        int at = 0;
        while (at < text.Text.Length)
        {
            ReadRune(text.Text, at, out Rune rune, out int length);
            builder.Append(length == 0 ? $"\\u{(int)text.Text[at]:x4}" : Escape(rune, quote), text.IsContent(at));
            at += Math.Max(1, length);
        }

        builder.Append(quote.ToString(), isContent: false);
    }

    /// <summary>The code point at <paramref name="at"/>; length 0 for half of a surrogate pair.</summary>
    private static void ReadRune(string text, int at, out Rune rune, out int length) =>
        length = Rune.TryGetRuneAt(text, at, out rune) ? rune.Utf16SequenceLength : 0;

    private static string Escape(Rune rune, char quote) => rune.Value switch
    {
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ when rune.Value == quote => $"\\{quote}",
        _ when Characters.IsPrintable(rune) => rune.ToString(),
        < 0x100 => $"\\x{rune.Value:x2}",
        < 0x10000 => $"\\u{rune.Value:x4}",
        _ => $"\\U{rune.Value:x8}",
    };
}
