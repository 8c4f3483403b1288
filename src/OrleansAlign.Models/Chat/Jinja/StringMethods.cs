using System.Text;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Methods of texts.</summary>
internal static class StringMethods
{
    public static OperationTable Build()
    {
        var table = new OperationTable("method");
        AddChanges(table);
        AddSplits(table);
        AddQuestions(table);
        return table;
    }

    private static MarkedText Of(Value owner) => ((StringValue)owner).Marked;

    private static void AddChanges(OperationTable table) => table
        .Add("strip", "chars?", (runtime, owner, arguments) => Strip(runtime, owner, arguments, left: true, right: true))
        .Add("lstrip", "chars?", (runtime, owner, arguments) => Strip(runtime, owner, arguments, left: true, right: false))
        .Add("rstrip", "chars?", (runtime, owner, arguments) => Strip(runtime, owner, arguments, left: false, right: true))
        .Add("upper", (runtime, owner) => new StringValue(MarkedStrings.Upper(Of(owner), runtime.Budget)))
        .Add("lower", (runtime, owner) => new StringValue(MarkedStrings.Lower(Of(owner), runtime.Budget)))
        .Alias("casefold", "lower")
        .Add("capitalize", (runtime, owner) => new StringValue(MarkedStrings.Capitalize(Of(owner), runtime.Budget)))
        .Add("title", (runtime, owner) => new StringValue(MarkedStrings.Title(Of(owner), rune => !Rune.IsLetter(rune), runtime.Budget)))
        .Add("replace", "old new count?", Replace)
        .Add("removeprefix", "prefix", (_, owner, arguments) => RemoveEnd(Of(owner), arguments.Marked(0).Text, atStart: true))
        .Add("removesuffix", "suffix", (_, owner, arguments) => RemoveEnd(Of(owner), arguments.Marked(0).Text, atStart: false))
        .Add("join", "items", Join);

    private static void AddSplits(OperationTable table) => table
        .Add("split", "sep? maxsplit?", (runtime, owner, arguments) =>
            new ListValue(TextPieces.Split(Of(owner), Separator(arguments), arguments.Number(1, -1), runtime.Budget)))
        .Add("rsplit", "sep? maxsplit?", (runtime, owner, arguments) =>
            new ListValue(TextPieces.SplitFromRight(Of(owner), Separator(arguments), arguments.Number(1, -1), runtime.Budget)))
        .Add("splitlines", "keepends?", (runtime, owner, arguments) => new ListValue(TextPieces.Lines(Of(owner), arguments.Flag(0), runtime.Budget)))
        .Add("partition", "sep", (runtime, owner, arguments) =>
            new ListValue(TextPieces.Partition(Of(owner), arguments.Marked(0), fromRight: false, runtime.Budget), ListKind.Tuple))
        .Add("rpartition", "sep", (runtime, owner, arguments) =>
            new ListValue(TextPieces.Partition(Of(owner), arguments.Marked(0), fromRight: true, runtime.Budget), ListKind.Tuple));

    private static void AddQuestions(OperationTable table)
    {
        table
            .Add("startswith", "prefix start? end?", (runtime, owner, arguments) => HasEnd(runtime, owner, arguments, atStart: true))
            .Add("endswith", "suffix start? end?", (runtime, owner, arguments) => HasEnd(runtime, owner, arguments, atStart: false))
            .Add("find", "sub start? end?", (runtime, owner, arguments) => new IntValue(Find(runtime, owner, arguments, fromRight: false)))
            .Add("rfind", "sub start? end?", (runtime, owner, arguments) => new IntValue(Find(runtime, owner, arguments, fromRight: true)))
            .Add("index", "sub start? end?", (runtime, owner, arguments) => new IntValue(Index(runtime, owner, arguments, fromRight: false)))
            .Add("rindex", "sub start? end?", (runtime, owner, arguments) => new IntValue(Index(runtime, owner, arguments, fromRight: true)))
            .Add("count", "sub", Count);
        void Add(string name, Func<string, bool> holds) => table.Add(name, (runtime, owner) =>
        {
            runtime.Budget.Make(Of(owner).Text.Length);
            return BoolValue.Of(holds(Of(owner).Text));
        });
        Add("isdigit", text => text.Length > 0 && text.All(char.IsDigit));
        Add("isdecimal", text => text.Length > 0 && text.All(char.IsDigit));
        Add("isnumeric", text => text.Length > 0 && text.All(char.IsNumber));
        Add("isalpha", text => text.Length > 0 && text.EnumerateRunes().All(Rune.IsLetter));
        Add("isalnum", text => text.Length > 0 && text.EnumerateRunes().All(Rune.IsLetterOrDigit));
        Add("isspace", text => text.Length > 0 && text.All(Characters.IsSpace));
        Add("isupper", text => Methods.HasOnlyCase(text, char.IsUpper, char.IsLower));
        Add("islower", text => Methods.HasOnlyCase(text, char.IsLower, char.IsUpper));
    }

    private static string? Separator(Bound arguments) => arguments.Given(0) is null ? null : arguments.Marked(0).Text;

    private static StringValue Strip(Runtime runtime, Value owner, Bound arguments, bool left, bool right)
    {
        runtime.Budget.Make(Of(owner).Text.Length);
        string? characters = Separator(arguments);
        runtime.Budget.Spend((long)Of(owner).Text.Length * (characters?.Length ?? 1) / 64);
        return new StringValue(MarkedStrings.Strip(Of(owner), characters, left, right));
    }

    private static StringValue Replace(Runtime runtime, Value owner, Bound arguments)
    {
        int most = arguments.Number(2, -1);
        return new StringValue(
            MarkedStrings.Replace(Of(owner), arguments.Marked(0).Text, arguments.Marked(1), most < 0 ? int.MaxValue : most, runtime.Budget));
    }

    private static StringValue RemoveEnd(MarkedText text, string end, bool atStart)
    {
        if (atStart) return new StringValue(text.Text.StartsWith(end, StringComparison.Ordinal) ? text.Slice(end.Length, text.Text.Length) : text);
        return new StringValue(text.Text.EndsWith(end, StringComparison.Ordinal) ? text.Slice(0, text.Text.Length - end.Length) : text);
    }

    private static StringValue Join(Runtime runtime, Value owner, Bound arguments) =>
        SequenceFilters.Join(
            Of(owner),
            Iteration.Items(arguments[0]!, runtime.Budget),
            item => item is StringValue text
                ? text.Marked
                : throw new TemplateFault($"the method 'join' joins texts, not a value of type {item.TypeName}. Use the filter 'join'."),
            runtime.Budget);

    private static BoolValue HasEnd(Runtime runtime, Value owner, Bound arguments, bool atStart)
    {
        MarkedText text = Of(owner);
        (int from, int to) = Window(text.Text, arguments);
        ReadOnlySpan<char> window = from <= to ? text.Text.AsSpan(from, to - from) : [];
        List<Value> ends = arguments[0] is ListValue { Kind: ListKind.Tuple } several ? several.Items : [arguments[0]!];
        foreach (Value end in ends)
        {
            if (end is UndefinedValue undefined) throw undefined.Fault();
            if (end is not StringValue { Text: var wanted })
                throw new TemplateFault($"a text starts or ends with a text, not with a value of type {end.TypeName}.");
            runtime.Budget.Spend(1 + (wanted.Length / 64));
            if (atStart ? window.StartsWith(wanted, StringComparison.Ordinal) : window.EndsWith(wanted, StringComparison.Ordinal))
                return BoolValue.True;
        }

        return BoolValue.False;
    }

    /// <summary>The code units between the arguments <c>start</c> and <c>end</c>, which count code points.</summary>
    private static (int From, int To) Window(string text, Bound arguments)
    {
        if (arguments.Given(1) is null && arguments.Given(2) is null) return (0, text.Length);
        int[]? starts = MarkedStrings.Starts(text);
        int count = starts is null ? text.Length : starts.Length - 1;
        int At(int index)
        {
            int cut = Math.Clamp(index < 0 ? index + count : index, 0, count);
            return starts?[cut] ?? cut;
        }

        return (At(arguments.Number(1, 0)), At(arguments.Number(2, count)));
    }

    /// <summary>Index of a text in code points; −1 when it is not there.</summary>
    private static int Find(Runtime runtime, Value owner, Bound arguments, bool fromRight)
    {
        string text = Of(owner).Text, wanted = arguments.Marked(0).Text;
        (int from, int to) = Window(text, arguments);
        if (to < from) return -1;
        runtime.Budget.Make(text.Length);
        if (fromRight) runtime.Budget.Spend((long)text.Length * wanted.Length / 16);
        int place = fromRight
            ? text.AsSpan(from, to - from).LastIndexOf(wanted, StringComparison.Ordinal) is >= 0 and var found ? found + from : -1
            : MarkedStrings.Find(text, wanted, from, to, runtime.Budget);
        return place < 0 ? -1 : MarkedStrings.Length(text[..place]);
    }

    private static int Index(Runtime runtime, Value owner, Bound arguments, bool fromRight) =>
        Find(runtime, owner, arguments, fromRight) is >= 0 and var place
            ? place
            : throw new TemplateFault("the text sought is not there. Test with 'in' first, or use 'find'.");

    private static IntValue Count(Runtime runtime, Value owner, Bound arguments)
    {
        string text = Of(owner).Text, wanted = arguments.Marked(0).Text;
        runtime.Budget.Make(text.Length);
        if (wanted.Length == 0) return new IntValue(MarkedStrings.Length(text) + 1);
        return new IntValue(MarkedStrings.FindAll(text, wanted, int.MaxValue, runtime.Budget).Count);
    }
}
