namespace OrleansAlign.Models.Chat.Jinja;

/// <summary><c>namespace(…)</c>: the one value whose members a template may set, so that a loop can tell the code after it something.</summary>
internal sealed class NamespaceValue : ObjectValue
{
    private readonly Dictionary<string, Value> members = new(StringComparer.Ordinal);

    public override string TypeName => "Namespace";

    public override Value? Member(string name) => members.GetValueOrDefault(name);

    public void Set(string name, Value member) => members[name] = member;
}
