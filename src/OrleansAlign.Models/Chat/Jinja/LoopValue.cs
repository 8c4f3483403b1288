namespace OrleansAlign.Models.Chat.Jinja;

/// <summary><c>loop</c>: where a loop stands.</summary>
/// <param name="items">All items.</param>
/// <param name="depth">How many loops are around it.</param>
/// <param name="budget">Budget of the comparisons.</param>
internal sealed class LoopValue(List<Value> items, int depth, Budget budget) : ObjectValue
{
    private Value? lastSeen;

    /// <summary>Index of the current item.</summary>
    public int Index { get; set; }

    /// <summary>How many loops are around it.</summary>
    public int Depth { get; } = depth;

    public override string TypeName => "LoopContext";

    public override Value? Member(string name) => name switch
    {
        "index" => Whole(Index + 1),
        "index0" => Whole(Index),
        "revindex" => Whole(items.Count - Index),
        "revindex0" => Whole(items.Count - Index - 1),
        "first" => BoolValue.Of(Index == 0),
        "last" => BoolValue.Of(Index == items.Count - 1),
        "length" => Whole(items.Count),
        "depth" => Whole(Depth + 1),
        "depth0" => Whole(Depth),
        "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("there is no item before the first"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new UndefinedValue("there is no item after the last"),
        "cycle" => new CallableValue("cycle", Cycle),
        "changed" => new CallableValue("changed", HasChanged),
        _ => null,
    };

    private static IntValue Whole(int number) => new(number);

    private Value Cycle(Arguments arguments) => arguments.Positional.Count > 0
        ? arguments.Positional[Index % arguments.Positional.Count]
        : throw new TemplateFault("'loop.cycle' needs at least one value.");

    private BoolValue HasChanged(Arguments arguments)
    {
        var seen = new ListValue(arguments.Positional, ListKind.Tuple);
        bool changed = lastSeen is null || !Ordering.AreEqual(lastSeen, seen, budget);
        lastSeen = seen;
        return BoolValue.Of(changed);
    }
}
