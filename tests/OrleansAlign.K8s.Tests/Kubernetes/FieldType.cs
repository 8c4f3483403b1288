namespace OrleansAlign.K8s.Tests.Kubernetes;

/// <summary>What a field holds.</summary>
/// <param name="Name">A scalar's name (string, integer, number, boolean, any, IntOrString, Quantity, Time) or a type of the list.</param>
/// <param name="Shape">One, a list of them, or a map from strings to them.</param>
internal sealed record FieldType(string Name, FieldShape Shape)
{
    /// <summary>Reads <c>T</c>, <c>[T]</c> or <c>{T}</c>.</summary>
    public static FieldType Parse(string text) => text[0] switch
    {
        '[' => new(text[1..^1], FieldShape.List),
        '{' => new(text[1..^1], FieldShape.Map),
        _ => new(text, FieldShape.One),
    };

    /// <inheritdoc/>
    public override string ToString() => Shape switch
    {
        FieldShape.List => $"[{Name}]",
        FieldShape.Map => $"{{{Name}}}",
        _ => Name,
    };
}

/// <summary>How many values a field holds.</summary>
internal enum FieldShape
{
    /// <summary>One value.</summary>
    One,

    /// <summary>A list of values.</summary>
    List,

    /// <summary>A map whose keys are free.</summary>
    Map,
}

/// <summary>A field of a type.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it holds.</param>
/// <param name="IsRequired">Whether an object without it is refused.</param>
internal sealed record Field(string Name, FieldType Type, bool IsRequired);
