namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>What one rendering shares: its budget and its clock.</summary>
internal sealed record Runtime(Budget Budget, TimeProvider Time);

/// <summary>A filter, test or method: something named that is done to a subject.</summary>
internal sealed class Operation(string kind, string name, string signature, Func<Runtime, Value, Bound, Value> body)
{
    private readonly Signature parameters = new(signature);

    public string Name { get; } = name;

    public Value Apply(Runtime runtime, Value subject, Arguments arguments) =>
        body(runtime, subject, parameters.Bind($"the {kind} '{Name}'", arguments));
}
