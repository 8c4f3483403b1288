using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>How <c>tojson</c> lays its text out: the arguments of Python's <c>json.dumps</c>.</summary>
/// <param name="Indent">What each level adds at a line's start; null for everything on one line.</param>
/// <param name="ItemSeparator">Between two items.</param>
/// <param name="KeySeparator">Between key and value.</param>
/// <param name="Ascii">Whether characters beyond ASCII are escaped.</param>
/// <param name="SortKeys">Whether keys are written in order.</param>
internal sealed record JsonLayout(MarkedText? Indent, MarkedText ItemSeparator, MarkedText KeySeparator, bool Ascii, bool SortKeys);

/// <summary>Writes and reads JSON; characters and escapes that stand for content are content.</summary>
internal sealed class JsonText(JsonLayout layout, Budget budget)
{
    private readonly MarkedText.Builder builder = new();

    public static MarkedText Write(Value value, JsonLayout layout, Budget budget)
    {
        var writer = new JsonText(layout, budget);
        writer.Write(value, MarkedText.OfFrame("\n"));
        return writer.builder.Build();
    }

    /// <summary>A value from outside: all its texts, keys included, are content.</summary>
    public static Value Read(JsonNode? node, Budget budget)
    {
        budget.Enter();
        Value value = node switch
        {
            null => NoneValue.Instance,
            JsonObject members => ReadObject(members, budget),
            JsonArray items => new ListValue([.. items.Select(item => Read(item, budget))]),
            _ => ReadScalar(node),
        };
        budget.Leave();
        return value;
    }

    private static DictValue ReadObject(JsonObject members, Budget budget)
    {
        var dictionary = new DictValue();
        foreach ((string name, JsonNode? member) in members)
            dictionary.Set(new StringValue(MarkedText.OfContent(name)), Read(member, budget));
        return dictionary;
    }

    private static Value ReadScalar(JsonNode node)
    {
        switch (node.GetValueKind())
        {
            case JsonValueKind.String:
                return new StringValue(MarkedText.OfContent(JsonSerializer.Deserialize<string>(node.ToJsonString()) ?? ""));
            case JsonValueKind.True: return BoolValue.True;
            case JsonValueKind.False: return BoolValue.False;
            case JsonValueKind.Number:
                string digits = node.ToJsonString();
                return digits.AsSpan().IndexOfAny(".eE") < 0 && digits.Length < 1000
                    ? IntValue.Checked(BigInteger.Parse(digits, CultureInfo.InvariantCulture))
                    : new FloatValue(double.Parse(digits, CultureInfo.InvariantCulture));
            default: return NoneValue.Instance;
        }
    }

    /// <param name="value">What to write.</param>
    /// <param name="newline">A line's end and the indentation of the level that <paramref name="value"/> stands at.</param>
    private void Write(Value value, MarkedText newline)
    {
        budget.Enter();
        switch (value)
        {
            case StringValue text:
                WriteText(text.Marked);
                break;
            case DictValue dictionary:
                WriteItems("{", "}", Sorted(dictionary), newline, (item, inner) =>
                {
                    WriteText(KeyText(item.Key));
                    builder.Append(layout.KeySeparator);
                    Write(item.Value, inner);
                });
                break;
            case ListValue { Kind: ListKind.List or ListKind.Tuple } list:
                WriteItems("[", "]", list.Items, newline, Write);
                break;
            default:
                builder.Append(Scalar(value), isContent: false);
                break;
        }

        budget.CheckLength(builder.Length);
        budget.Leave();
    }

    private IEnumerable<KeyValuePair<Value, Value>> Sorted(DictValue dictionary)
    {
        if (!layout.SortKeys) return dictionary.Items;
        List<KeyValuePair<Value, Value>> items = [.. dictionary.Items];
        return Ordering.Sort(items, item => item.Key, reverse: false, budget);
    }

    private void WriteItems<T>(string open, string close, IEnumerable<T> items, MarkedText newline, Action<T, MarkedText> write)
    {
        MarkedText inner = layout.Indent is null ? MarkedText.OfFrame("") : MarkedStrings.Concat(newline, layout.Indent, budget);
        builder.Append(open, isContent: false);
        bool any = false;
        foreach (T item in items)
        {
            if (any) builder.Append(layout.ItemSeparator);
            budget.Make(inner.Text.Length);
            builder.Append(inner);
            any = true;
            write(item, inner);
        }

        if (any && layout.Indent is not null) builder.Append(newline);
        builder.Append(close, isContent: false);
    }

    private static string Scalar(Value value) => value switch
    {
        NoneValue => "null",
        BoolValue => value.IsTrue ? "true" : "false",
        IntValue whole => whole.Number.ToString(CultureInfo.InvariantCulture),
        FloatValue { Number: var number } =>
            double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? (number > 0 ? "Infinity" : "-Infinity") : Numbers.Print(number),
        UndefinedValue undefined => throw undefined.Fault(),
        _ => throw new TemplateFault($"a value of type {value.TypeName} cannot be written as JSON. Make it a list or a dictionary first."),
    };

    private static MarkedText KeyText(Value key) => key is StringValue text ? text.Marked : MarkedText.OfFrame(Scalar(key));

    private void WriteText(MarkedText text)
    {
        budget.Make(text.Text.Length);
        builder.Append("\"", isContent: false);
        int from = 0;
        for (int i = 0; i < text.Text.Length; i++)
        {
            if (Escape(text.Text[i]) is not string escape) continue;
            builder.Append(text, from, i).Append(escape, text.IsContent(i));
            from = i + 1;
        }

        builder.Append(text, from, text.Text.Length).Append("\"", isContent: false);
    }

    private string? Escape(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        < ' ' => $"\\u{(int)c:x4}",
        > '~' when layout.Ascii => $"\\u{(int)c:x4}",
        _ => null,
    };
}
