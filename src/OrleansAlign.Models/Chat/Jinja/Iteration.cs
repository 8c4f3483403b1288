namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>The items of a value and their number.</summary>
internal static class Iteration
{
    /// <summary>Whether <c>for</c> accepts the value.</summary>
    public static bool IsIterable(Value value) =>
        value is ListValue or DictValue or StringValue or RangeValue or GeneratorValue or UndefinedValue;

    /// <summary>The items as a new list: a dictionary's keys, a text's characters, nothing for undefined; faults on a value without items.</summary>
    public static List<Value> Items(Value value, Budget budget)
    {
        switch (value)
        {
            case ListValue list:
                budget.Spend(list.Items.Count);
                return [.. list.Items];
            case DictValue dictionary:
                budget.Spend(dictionary.Items.Count);
                return [.. dictionary.Items.Keys];
            case StringValue text:
                return MarkedStrings.Split(text.Marked, budget);
            case RangeValue range:
                budget.Spend(2L * range.Count);
                return [.. Enumerable.Range(0, range.Count).Select(i => range[i])];
            case UndefinedValue:
                return [];
            case GeneratorValue generator:
                var items = new List<Value>();
                while (generator.TryNext(out Value item)) items.Add(item);
                budget.Spend(items.Count);
                return items;
            default:
                throw new TemplateFault($"a value of type {value.TypeName} has no items to go through. Test it with 'is iterable' first.");
        }
    }

    /// <summary>Number of items; faults on a value without a length.</summary>
    public static int Count(Value value) => value switch
    {
        ListValue list => list.Items.Count,
        DictValue dictionary => dictionary.Items.Count,
        StringValue text => MarkedStrings.Length(text.Text),
        RangeValue range => range.Count,
        UndefinedValue => 0,
        _ => throw new TemplateFault($"a value of type {value.TypeName} has no length."),
    };
}
