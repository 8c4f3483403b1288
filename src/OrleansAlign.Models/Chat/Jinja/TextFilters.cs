using System.Text;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Filters that make a text of anything, by way of its printed form.</summary>
internal static class TextFilters
{
    public static void AddTo(OperationTable table) => table
        .Add("string", (runtime, subject) => new StringValue(Printing.Text(subject, runtime.Budget)))
        .Alias("safe", "string")
        .Add("upper", (runtime, subject) => OfText(runtime, subject, MarkedStrings.Upper))
        .Add("lower", (runtime, subject) => OfText(runtime, subject, MarkedStrings.Lower))
        .Add("capitalize", (runtime, subject) => OfText(runtime, subject, MarkedStrings.Capitalize))
        .Add("title", (runtime, subject) => OfText(runtime, subject, (text, budget) => MarkedStrings.Title(text, StartsWord, budget)))
        .Add("escape", (runtime, subject) => OfText(runtime, subject, Escape))
        .Alias("e", "escape")
        .Alias("forceescape", "escape")
        .Add("trim", "chars?", Trim)
        .Add("replace", "old new count?", Replace)
        .Add("indent", "width? first? blank?", Indent)
        .Add("tojson", "ensure_ascii? indent? separators? sort_keys?", ToJson);

    private static StringValue OfText(Runtime runtime, Value subject, Func<MarkedText, Budget, MarkedText> change) =>
        new(change(Printing.Text(subject, runtime.Budget), runtime.Budget));

    private static bool StartsWord(Rune rune) =>
        rune.Value is '-' or '(' or '{' or '[' or '<' || (rune.IsBmp && Characters.IsSpace((char)rune.Value));

    private static MarkedText Escape(MarkedText text, Budget budget)
    {
        budget.Make(text.Text.Length);
        var builder = new MarkedText.Builder();
        int from = 0;
        for (int i = 0; i < text.Text.Length; i++)
        {
            string? escape = text.Text[i] switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '\'' => "&#39;", '"' => "&#34;", _ => null };
            if (escape is null) continue;
            builder.Append(text, from, i).Append(escape, text.IsContent(i));
            from = i + 1;
        }

        return builder.Append(text, from, text.Text.Length).Build();
    }

    private static StringValue Trim(Runtime runtime, Value subject, Bound arguments)
    {
        MarkedText text = Printing.Text(subject, runtime.Budget);
        runtime.Budget.Make(text.Text.Length);
        return new StringValue(MarkedStrings.Strip(text, arguments.Given(0) is null ? null : arguments.Text(0, ""), left: true, right: true));
    }

    private static StringValue Replace(Runtime runtime, Value subject, Bound arguments)
    {
        MarkedText text = Printing.Text(subject, runtime.Budget);
        string old = Printing.Text(arguments[0]!, runtime.Budget).Text;
        int most = arguments.Number(2, -1);
        return new StringValue(
            MarkedStrings.Replace(text, old, Printing.Text(arguments[1]!, runtime.Budget), most < 0 ? int.MaxValue : most, runtime.Budget));
    }

    /// <summary>Indents every line except the first and empty ones; <c>first</c> and <c>blank</c> include those.</summary>
    private static StringValue Indent(Runtime runtime, Value subject, Bound arguments)
    {
        MarkedText text = Printing.Text(subject, runtime.Budget);
        MarkedText blanks = arguments[0] is StringValue given
            ? given.Marked
            : MarkedStrings.Repeat(MarkedText.OfFrame(" "), arguments.Number(0, 4), runtime.Budget);
        var builder = new MarkedText.Builder();
        if (arguments.Flag(1)) builder.Append(blanks);
        List<Value> lines = TextPieces.Lines(text, keepEnds: true, runtime.Budget);
        bool endsLine = true;
        for (int i = 0; i < lines.Count; i++)
        {
            MarkedText line = ((StringValue)lines[i]).Marked;
            int length = line.Text.Length;
            endsLine = Characters.IsLineEnd(line.Text[^1]);
            int kept = endsLine ? length - (line.Text.EndsWith("\r\n", StringComparison.Ordinal) ? 2 : 1) : length;
            if (i > 0 && (kept > 0 || arguments.Flag(2))) builder.Append(blanks);
            builder.Append(line, 0, kept);
            if (endsLine) builder.Append("\n", line.IsContent(length - 1));
            runtime.Budget.Make(blanks.Text.Length + length);
            runtime.Budget.CheckLength(builder.Length);
        }

        // A text that ends with a line's end has one more line, an empty one.
        if (endsLine && lines.Count > 0 && arguments.Flag(2)) builder.Append(blanks);
        return new StringValue(builder.Build());
    }

    private static StringValue ToJson(Runtime runtime, Value subject, Bound arguments)
    {
        MarkedText? indent = arguments.Given(1) switch
        {
            null => null,
            StringValue text => text.Marked,
            _ => MarkedStrings.Repeat(MarkedText.OfFrame(" "), arguments.Number(1, 0), runtime.Budget),
        };
        MarkedText item = MarkedText.OfFrame(indent is null ? ", " : ","), key = MarkedText.OfFrame(": ");
        if (arguments.Given(2) is { } separators)
        {
            List<Value> pair = Iteration.Items(separators, runtime.Budget);
            if (pair is not [StringValue first, StringValue second])
                throw new TemplateFault("the filter 'tojson' needs two texts as 'separators', such as (',', ':').");
            (item, key) = (first.Marked, second.Marked);
        }

        var layout = new JsonLayout(indent, item, key, arguments.Flag(0), arguments.Flag(3));
        return new StringValue(JsonText.Write(subject, layout, runtime.Budget));
    }
}
