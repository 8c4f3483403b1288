using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary>Operations of one kind, by name.</summary>
/// <param name="kind">Their kind, for messages: <c>filter</c>.</param>
internal sealed class OperationTable(string kind)
{
    private readonly Dictionary<string, Operation> operations = new(StringComparer.Ordinal);

    public OperationTable Add(string name, string signature, Func<Runtime, Value, Bound, Value> body)
    {
        operations.Add(name, new Operation(kind, name, signature, body));
        return this;
    }

    public OperationTable Add(string name, Func<Runtime, Value, Value> body) => Add(name, "", (runtime, subject, _) => body(runtime, subject));

    /// <summary>A further name of an operation added before.</summary>
    public OperationTable Alias(string name, string existing)
    {
        operations.Add(name, operations[existing]);
        return this;
    }

    public Operation? Find(string name) => operations.GetValueOrDefault(name);

    /// <summary>The operation, or a fault that names it and the known name nearest to it.</summary>
    public Operation Get(string name) => Find(name) ?? throw Missing(name, 0);

    /// <summary>The fault of an unknown name, which names the known one nearest to it.</summary>
    public TemplateFault Missing(string name, int line) => new($"there is no {kind} '{name}'{Suggest(name)}. Rewrite the template without it.", line);

    /// <summary>The known name nearest to <paramref name="name"/>, as an addition to a message.</summary>
    public string Suggest(string name) => Suggest(name, operations.Keys);

    /// <summary><c>; the nearest known one is 'x'</c>, for the end of a message.</summary>
    public static string Suggest(string name, IEnumerable<string> known) =>
        Spelling.Nearest(name, known) is { } nearest ? $"; the nearest known one is '{nearest.Name}'" : "";
}
