namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Variables of a block; what it lacks is looked up in the block around it.</summary>
internal sealed class Scope(Scope? parent)
{
    private readonly Dictionary<string, Value> variables = new(StringComparer.Ordinal);

    public Value? Find(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Parent)
            if (scope.variables.TryGetValue(name, out Value? value)) return value;
        return null;
    }

    public void Set(string name, Value value) => variables[name] = value;

    private Scope? Parent { get; } = parent;
}
