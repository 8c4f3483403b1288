namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Methods of dictionaries, lists and tuples.</summary>
/// <remarks>
/// The sandbox of transformers forbids methods that change their receiver. Here they are harmless, since every rendering has its own values.
/// </remarks>
internal static class CollectionMethods
{
    public static OperationTable BuildDictionary() => new OperationTable("method")
        .Add("get", "key default?", (_, owner, arguments) => Lookup(owner, arguments) ?? arguments[1] ?? NoneValue.Instance)
        .Add("keys", (runtime, owner) => View(Iteration.Items(owner, runtime.Budget), ListKind.Keys))
        .Add("values", (runtime, owner) => View(Values(Of(owner), runtime.Budget), ListKind.Values))
        .Add("items", (runtime, owner) => View(SequenceFilters.Pairs(Of(owner), runtime.Budget), ListKind.Items))
        .Add("copy", (runtime, owner) => Copy(Of(owner), runtime.Budget))
        .Add("update", "other? **", Update)
        .Add("setdefault", "key default?", SetDefault)
        .Add("pop", "key default?", Pop);

    public static OperationTable BuildTuple() => new OperationTable("method")
        .Add("index", "value", IndexOf)
        .Add("count", "value", (runtime, owner, arguments) =>
            new IntValue(Row(owner).FindAll(item => Ordering.AreEqual(item, arguments[0]!, runtime.Budget)).Count));

    public static OperationTable BuildList() => BuildTuple()
        .Add("append", "item", (runtime, owner, arguments) => Change(() => Row(owner).Add(arguments[0]!)))
        .Add("extend", "items", (runtime, owner, arguments) => Change(() => Row(owner).AddRange(Iteration.Items(arguments[0]!, runtime.Budget))))
        .Add("insert", "index item", Insert)
        .Add("pop", "index?", PopAt)
        .Add("copy", (runtime, owner) => new ListValue(Iteration.Items(owner, runtime.Budget)))
        .Add("clear", (_, owner) => Change(Row(owner).Clear))
        .Add("reverse", (_, owner) => Change(Row(owner).Reverse));

    private static DictValue Of(Value owner) => (DictValue)owner;

    private static List<Value> Row(Value owner) => ((ListValue)owner).Items;

    private static NoneValue Change(Action change)
    {
        change();
        return NoneValue.Instance;
    }

    private static ListValue View(List<Value> items, ListKind kind) => new(items, kind);

    private static List<Value> Values(DictValue dictionary, Budget budget)
    {
        budget.Spend(dictionary.Items.Count);
        return [.. dictionary.Items.Values];
    }

    private static Value? Lookup(Value owner, Bound arguments) => Of(owner).Items.GetValueOrDefault(DictValue.Hashable(arguments[0]!));

    private static DictValue Copy(DictValue dictionary, Budget budget)
    {
        budget.Spend(dictionary.Items.Count);
        var copy = new DictValue();
        foreach ((Value key, Value item) in dictionary.Items) copy.Set(key, item);
        return copy;
    }

    private static NoneValue Update(Runtime runtime, Value owner, Bound arguments)
    {
        if (arguments[0] is { } other)
        {
            if (other is not DictValue dictionary)
                throw new TemplateFault($"the method 'update' needs a dictionary, not a value of type {other.TypeName}.");
            foreach ((Value key, Value item) in Copy(dictionary, runtime.Budget).Items) Of(owner).Set(key, item);
        }

        foreach ((StringValue name, Value item) in arguments.NamedRest) Of(owner).Set(name, item);
        return NoneValue.Instance;
    }

    private static Value SetDefault(Runtime runtime, Value owner, Bound arguments)
    {
        if (Lookup(owner, arguments) is { } found) return found;
        Value item = arguments[1] ?? NoneValue.Instance;
        Of(owner).Set(arguments[0]!, item);
        return item;
    }

    private static Value Pop(Runtime runtime, Value owner, Bound arguments)
    {
        Value? found = Lookup(owner, arguments);
        runtime.Budget.Spend(Of(owner).Items.Count);
        if (found is not null) Of(owner).Items.Remove(arguments[0]!);
        return found ?? arguments[1]
            ?? throw new TemplateFault($"the dictionary has no key {Printing.Represent(arguments[0]!, runtime.Budget)} to pop. Give a default.");
    }

    private static IntValue IndexOf(Runtime runtime, Value owner, Bound arguments)
    {
        int place = Row(owner).FindIndex(item => Ordering.AreEqual(item, arguments[0]!, runtime.Budget));
        return place >= 0
            ? new IntValue(place)
            : throw new TemplateFault($"{Printing.Represent(arguments[0]!, runtime.Budget)} is not in the list. Test with 'in' first.");
    }

    private static NoneValue Insert(Runtime runtime, Value owner, Bound arguments)
    {
        List<Value> row = Row(owner);
        runtime.Budget.Spend(row.Count / 16);
        int place = arguments.Number(0, 0);
        row.Insert(Math.Clamp(place < 0 ? place + row.Count : place, 0, row.Count), arguments[1]!);
        return NoneValue.Instance;
    }

    private static Value PopAt(Runtime runtime, Value owner, Bound arguments)
    {
        List<Value> row = Row(owner);
        runtime.Budget.Spend(row.Count / 16);
        int place = arguments.Number(0, -1);
        if (place < 0) place += row.Count;
        if (place < 0 || place >= row.Count) throw new TemplateFault($"the list of {row.Count} items has none at that index to pop.");
        Value item = row[place];
        row.RemoveAt(place);
        return item;
    }
}
