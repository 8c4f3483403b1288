using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Grains.Contracts.Wire;

[GenerateSerializer, Immutable]
internal readonly record struct PromptKeyWire([property: Id(0)] int Stage, [property: Id(1)] int Round, [property: Id(2)] int Index);

[RegisterConverter]
internal sealed class PromptKeyConverter : IConverter<PromptKey, PromptKeyWire>
{
    public PromptKeyWire ConvertToSurrogate(in PromptKey value) => new(value.Stage, value.Round, value.Index);

    public PromptKey ConvertFromSurrogate(in PromptKeyWire wire) => new(wire.Stage, wire.Round, wire.Index);
}

[GenerateSerializer, Immutable]
internal readonly record struct VerdictKeyWire(
    [property: Id(0)] string Judge, [property: Id(1)] string Context, [property: Id(2)] string A, [property: Id(3)] string B);

[RegisterConverter]
internal sealed class VerdictKeyConverter : IConverter<VerdictKey, VerdictKeyWire>
{
    public VerdictKeyWire ConvertToSurrogate(in VerdictKey value) => new(value.Judge, value.Context, value.A, value.B);

    public VerdictKey ConvertFromSurrogate(in VerdictKeyWire wire) => new(wire.Judge, wire.Context, wire.A, wire.B);
}

[GenerateSerializer, Immutable]
internal readonly record struct RatingKeyWire([property: Id(0)] string Rater, [property: Id(1)] string Context, [property: Id(2)] string Response);

[RegisterConverter]
internal sealed class RatingKeyConverter : IConverter<RatingKey, RatingKeyWire>
{
    public RatingKeyWire ConvertToSurrogate(in RatingKey value) => new(value.Rater, value.Context, value.Response);

    public RatingKey ConvertFromSurrogate(in RatingKeyWire wire) => new(wire.Rater, wire.Context, wire.Response);
}
