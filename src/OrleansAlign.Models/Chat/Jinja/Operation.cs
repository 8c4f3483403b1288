namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>The budget and the clock of one rendering.</summary>
internal sealed record Runtime(Budget Budget, TimeProvider Time);

/// <summary>A named operation on a subject: a filter, test or method.</summary>
internal sealed class Operation(string kind, string name, string signature, Func<Runtime, Value, Bound, Value> body)
{
    private readonly Signature parameters = new(signature);

    public string Name { get; } = name;

    public Value Apply(Runtime runtime, Value subject, Arguments arguments) =>
        body(runtime, subject, parameters.Bind($"the {kind} '{Name}'", arguments));
}
