using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Filters over rows of values.</summary>
internal static class SequenceFilters
{
    public static void AddTo(OperationTable table) => table
        .Add("default", "default_value? boolean?", Default)
        .Alias("d", "default")
        .Add("length", (_, subject) => new IntValue(Iteration.Count(subject)))
        .Alias("count", "length")
        .Add("first", (runtime, subject) => First(subject, runtime.Budget))
        .Add("last", (runtime, subject) => Iteration.Items(subject, runtime.Budget) is [.., var last] ? last : Missing("last"))
        .Add("list", (runtime, subject) => new ListValue(Iteration.Items(subject, runtime.Budget)))
        .Add("join", "d? attribute?", Join)
        .Add("items", (runtime, subject) => Items(subject, runtime.Budget))
        .Add("dictsort", "case_sensitive? by? reverse?", SortDictionary)
        .Add("reverse", (runtime, subject) => Reverse(subject, runtime.Budget))
        .Add("sort", "reverse? case_sensitive? attribute?", Sort)
        .Add("unique", "case_sensitive? attribute?", Unique)
        .Add("min", "case_sensitive? attribute?", (runtime, subject, arguments) => Extreme(runtime, subject, arguments, -1))
        .Add("max", "case_sensitive? attribute?", (runtime, subject, arguments) => Extreme(runtime, subject, arguments, 1))
        .Add("sum", "attribute? start?", Sum);

    /// <summary>
    /// A function that reads an attribute such as <c>function.name</c>, or the item itself for null; optionally with texts in lower case.
    /// </summary>
    public static Func<Value, Value> Getter(Runtime runtime, Value? attribute, Value? otherwise = null, bool ignoreCase = false)
    {
        Value[] path = attribute switch
        {
            null or NoneValue => [],
            StringValue text => [.. text.Text.Split('.').Select(Part)],
            _ => [attribute],
        };
        runtime.Budget.Spend(path.Length);
        return item =>
        {
            runtime.Budget.Step();
            foreach (Value part in path)
            {
                runtime.Budget.Step();
                item = Members.Item(item, part, runtime);
                if (item is UndefinedValue && otherwise is not null) item = otherwise;
            }

            return ignoreCase && item is StringValue word ? new StringValue(MarkedStrings.Lower(word.Marked, runtime.Budget)) : item;
        };
    }

    private static Value Part(string part) =>
        part.Length > 0 && part.All(char.IsAsciiDigit) ? new IntValue(Numbers.ParseWhole(part, 10) ?? -1) : StringValue.OfFrame(part);

    private static UndefinedValue Missing(string which) => new($"an empty row has no {which} item");

    private static Value Default(Runtime runtime, Value subject, Bound arguments) =>
        subject is UndefinedValue || (arguments.Flag(1) && !subject.IsTrue) ? arguments[0] ?? StringValue.Empty : subject;

    private static Value First(Value subject, Budget budget)
    {
        if (subject is GeneratorValue generator) return generator.TryNext(out Value next) ? next : Missing("first");
        return Iteration.Items(subject, budget) is [var first, ..] ? first : Missing("first");
    }

    private static StringValue Join(Runtime runtime, Value subject, Bound arguments)
    {
        MarkedText separator = arguments[0] is null ? MarkedText.OfFrame("") : Printing.Text(arguments[0]!, runtime.Budget);
        Func<Value, Value> get = Getter(runtime, arguments[1]);
        return Join(separator, Iteration.Items(subject, runtime.Budget), item => Printing.Text(get(item), runtime.Budget), runtime.Budget);
    }

    /// <summary>The items' texts with a separator between; each part keeps its marks.</summary>
    public static StringValue Join(MarkedText separator, List<Value> items, Func<Value, MarkedText> textOf, Budget budget)
    {
        var builder = new MarkedText.Builder();
        for (int i = 0; i < items.Count; i++)
        {
            MarkedText text = textOf(items[i]);
            budget.Make(text.Text.Length + separator.Text.Length);
            budget.CheckLength((long)builder.Length + text.Text.Length + separator.Text.Length);
            if (i > 0) builder.Append(separator);
            builder.Append(text);
        }

        return new StringValue(builder.Build());
    }

    private static GeneratorValue Items(Value subject, Budget budget) => subject switch
    {
        UndefinedValue => new GeneratorValue([]),
        DictValue dictionary => new GeneratorValue(Pairs(dictionary, budget)),
        _ => throw new TemplateFault($"the filter 'items' needs a dictionary, not a value of type {subject.TypeName}."),
    };

    /// <summary>Every key and value as a tuple.</summary>
    public static List<Value> Pairs(DictValue dictionary, Budget budget)
    {
        budget.Spend(2L * dictionary.Items.Count);
        return [.. dictionary.Items.Select(item => new ListValue([item.Key, item.Value], ListKind.Tuple))];
    }

    private static ListValue SortDictionary(Runtime runtime, Value subject, Bound arguments)
    {
        if (subject is not DictValue dictionary)
            throw new TemplateFault($"the filter 'dictsort' needs a dictionary, not a value of type {subject.TypeName}.");
        string by = arguments.Text(1, "key");
        if (by is not ("key" or "value")) throw new TemplateFault($"the filter 'dictsort' cannot sort by '{by}'; it sorts by key or value.");
        Func<Value, Value> get = Getter(runtime, new IntValue(by == "key" ? 0 : 1), ignoreCase: !arguments.Flag(0));
        return new ListValue(Ordering.Sort(Pairs(dictionary, runtime.Budget), get, arguments.Flag(2), runtime.Budget));
    }

    private static Value Reverse(Value subject, Budget budget)
    {
        if (subject is StringValue text)
        {
            int length = MarkedStrings.Length(text.Text);
            return new StringValue(MarkedStrings.Slice(text.Marked, length - 1, -1, length, budget));
        }

        List<Value> items = Iteration.Items(subject, budget);
        items.Reverse();
        return new GeneratorValue(items);
    }

    private static ListValue Sort(Runtime runtime, Value subject, Bound arguments)
    {
        List<Value> items = Iteration.Items(subject, runtime.Budget);
        bool ignoreCase = !arguments.Flag(1);
        List<Func<Value, Value>> getters = Attributes(arguments[2]).ConvertAll(attribute => Getter(runtime, attribute, ignoreCase: ignoreCase));

        // Stable sorts by the last attribute first order by all of them.
        for (int i = getters.Count - 1; i >= 0; i--) items = Ordering.Sort(items, getters[i], arguments.Flag(0), runtime.Budget);
        return new ListValue(items);
    }

    /// <summary><c>'a,b'</c> sorts by several attributes.</summary>
    private static List<Value?> Attributes(Value? attribute) =>
        attribute is StringValue text ? [.. text.Text.Split(',').Select(StringValue.OfFrame)] : [attribute];

    private static GeneratorValue Unique(Runtime runtime, Value subject, Bound arguments)
    {
        Func<Value, Value> get = Getter(runtime, arguments[1], ignoreCase: !arguments.Flag(0));
        var seen = new HashSet<Value>(KeyComparer.Instance);
        return new GeneratorValue(Iteration.Items(subject, runtime.Budget).FindAll(item => seen.Add(DictValue.Hashable(get(item)))));
    }

    private static Value Extreme(Runtime runtime, Value subject, Bound arguments, int sign)
    {
        Func<Value, Value> get = Getter(runtime, arguments[1], ignoreCase: !arguments.Flag(0));
        List<Value> items = Iteration.Items(subject, runtime.Budget);
        if (items.Count == 0) return Missing(sign < 0 ? "least" : "greatest");
        Value best = items[0];
        foreach (Value item in items.Skip(1))
            if (Ordering.Compare(get(item), get(best), sign < 0 ? "min" : "max", runtime.Budget) * sign > 0) best = item;
        return best;
    }

    private static Value Sum(Runtime runtime, Value subject, Bound arguments)
    {
        Func<Value, Value> get = Getter(runtime, arguments[0]);
        Value sum = arguments[1] ?? new IntValue(0);
        foreach (Value item in Iteration.Items(subject, runtime.Budget)) sum = Arithmetic.Apply("+", sum, get(item), runtime.Budget);
        return sum;
    }
}
