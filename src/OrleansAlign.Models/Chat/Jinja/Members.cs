using System.Numerics;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Attributes, items and slices of values.</summary>
internal static class Members
{
    /// <summary><c>owner.name</c>: a method or member first, else the item of that key, else undefined.</summary>
    public static Value Attribute(Value owner, string name, Runtime runtime)
    {
        if (owner is UndefinedValue undefined) throw undefined.Fault();
        return Own(owner, name, runtime) ?? (owner as DictValue)?.Find(name) ?? UndefinedValue.OfMember(owner, name);
    }

    /// <summary><c>owner | attr(name)</c>: a method or member, never an item.</summary>
    public static Value AttributeOnly(Value owner, string name, Runtime runtime) => Own(owner, name, runtime) ?? UndefinedValue.OfMember(owner, name);

    /// <summary><c>owner[index]</c>: the item, else the attribute of that name, else undefined.</summary>
    public static Value Item(Value owner, Value index, Runtime runtime)
    {
        switch (owner)
        {
            case UndefinedValue undefined:
                throw undefined.Fault();
            case DictValue dictionary when index is StringValue or NoneValue || Numbers.IsNumber(index):
                if (dictionary.Items.TryGetValue(index, out Value? found)) return found;
                break;
            case ListValue { Kind: ListKind.List or ListKind.Tuple } list when Numbers.IsWhole(index):
                if (Place(index, list.Items.Count) is int place) return list.Items[place];
                break;
            case RangeValue range when Numbers.IsWhole(index):
                if (Place(index, range.Count) is int number) return range[number];
                break;
            case StringValue text when Numbers.IsWhole(index):
                if (Place(index, MarkedStrings.Length(text.Text)) is int character)
                    return new StringValue(MarkedStrings.Slice(text.Marked, character, 1, 1, runtime.Budget));
                break;
        }

        if (index is UndefinedValue missing) throw missing.Fault();
        string name = index is StringValue key ? key.Text : Printing.Represent(index, runtime.Budget).Text;
        return (index is StringValue ? Own(owner, name, runtime) : null) ?? UndefinedValue.OfMember(owner, name);
    }

    /// <summary><c>owner[start:stop:step]</c>.</summary>
    public static Value Slice(Value owner, Value? start, Value? stop, Value? step, Runtime runtime)
    {
        int count = owner switch
        {
            StringValue or RangeValue or ListValue { Kind: ListKind.List or ListKind.Tuple } => Iteration.Count(owner),
            UndefinedValue undefined => throw undefined.Fault(),
            _ => throw new TemplateFault($"a value of type {owner.TypeName} cannot be sliced."),
        };
        int by = Bound(step, "step") ?? 1;
        if (by == 0) throw new TemplateFault("a slice's step is zero; it must not be.");

        int last = by > 0 ? count : count - 1, first = by > 0 ? 0 : -1;
        int from = Bound(start, "start") is int s ? Cut(s) : by > 0 ? 0 : count - 1;
        int to = Bound(stop, "stop") is int e ? Cut(e) : by > 0 ? count : -1;
        int taken = by > 0 ? Steps(from, to, by) : Steps(to, from, -by);
        return owner switch
        {
            StringValue text => new StringValue(MarkedStrings.Slice(text.Marked, taken == 0 ? 0 : from, by, taken, runtime.Budget)),
            RangeValue range => new RangeValue(range.Start + (range.Step * from), range.Step * by, taken, "range(…)"),
            _ => Pick((ListValue)owner),
        };

        int Cut(int index) => Math.Clamp(index < 0 ? index + count : index, first, last);

        static int Steps(int low, int high, int by) => high > low ? (int)((((long)high - low - 1) / by) + 1) : 0;

        ListValue Pick(ListValue list)
        {
            runtime.Budget.Spend(taken);
            var items = new List<Value>(taken);
            for (int i = 0; i < taken; i++) items.Add(list.Items[from + (i * by)]);
            return new ListValue(items, list.Kind);
        }
    }

    /// <summary>A method or member that the type itself has.</summary>
    private static Value? Own(Value owner, string name, Runtime runtime)
    {
        if (owner is ObjectValue members) return members.Member(name);
        OperationTable? methods = Methods.Of(owner);
        return methods?.Find(name) is { } method ? new CallableValue(name, arguments => method.Apply(runtime, owner, arguments)) : null;
    }

    private static int? Place(Value index, int count)
    {
        BigInteger place = Numbers.Whole(index);
        if (place < 0) place += count;
        return place >= 0 && place < count ? (int)place : null;
    }

    private static int? Bound(Value? value, string what) => value switch
    {
        null or NoneValue => null,
        UndefinedValue undefined => throw undefined.Fault(),
        _ when Numbers.IsWhole(value) => Numbers.Clamp(Numbers.Whole(value)),
        _ => throw new TemplateFault($"a slice's {what} must be a whole number, not a value of type {value.TypeName}."),
    };
}
