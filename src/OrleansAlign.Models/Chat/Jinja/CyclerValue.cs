namespace OrleansAlign.Models.Chat.Jinja;

/// <summary><c>cycler(…)</c>: gives its values in turn.</summary>
internal sealed class CyclerValue(List<Value> values) : ObjectValue
{
    private int place;

    public override string TypeName => "Cycler";

    public override Value? Member(string name) => name switch
    {
        "current" => values.Count > 0 ? values[place] : new UndefinedValue("a cycler of nothing has no current value"),
        "next" => new CallableValue(name, _ => Next()),
        "reset" => new CallableValue(name, _ => Reset()),
        _ => null,
    };

    private Value Next()
    {
        if (values.Count == 0) throw new TemplateFault("'cycler' needs at least one value.");
        Value current = values[place];
        place = (place + 1) % values.Count;
        return current;
    }

    private NoneValue Reset()
    {
        place = 0;
        return NoneValue.Instance;
    }
}
