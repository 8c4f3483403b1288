using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Chat.Jinja;

/// <summary><c>joiner(…)</c>: gives nothing when first called, its separator from then on.</summary>
internal sealed class JoinerValue(MarkedText separator) : ObjectValue
{
    private bool used;

    public override string TypeName => "Joiner";

    public override Value? Member(string name) => name == "()" ? new CallableValue("joiner", _ => Give()) : null;

    private StringValue Give()
    {
        StringValue given = used ? new StringValue(separator) : StringValue.Empty;
        used = true;
        return given;
    }
}
