using OrleansAlign.Core.Judging;

namespace OrleansAlign.Grains.Contracts.Wire;

[GenerateSerializer, Immutable]
internal readonly record struct PrincipleReadingWire(
    [property: Id(0)] string Principle, [property: Id(1)] double ForwardA, [property: Id(2)] double ForwardB,
    [property: Id(3)] double SwappedA, [property: Id(4)] double SwappedB);

[RegisterConverter]
internal sealed class PrincipleReadingConverter : IConverter<PrincipleReading, PrincipleReadingWire>
{
    public PrincipleReadingWire ConvertToSurrogate(in PrincipleReading value) =>
        new(value.Principle, value.Forward.ProbabilityA, value.Forward.ProbabilityB, value.Swapped.ProbabilityA, value.Swapped.ProbabilityB);

    public PrincipleReading ConvertFromSurrogate(in PrincipleReadingWire wire) =>
        new(wire.Principle, new OrderReading(wire.ForwardA, wire.ForwardB), new OrderReading(wire.SwappedA, wire.SwappedB));
}

[GenerateSerializer, Immutable]
internal readonly record struct VerdictWire(
    [property: Id(0)] int Outcome, [property: Id(1)] double A, [property: Id(2)] double B, [property: Id(3)] double Margin,
    [property: Id(4)] PrincipleReading[] Readings, [property: Id(5)] bool Flipped, [property: Id(6)] string? Reason);

[RegisterConverter]
internal sealed class VerdictConverter : IConverter<Verdict, VerdictWire>
{
    public VerdictWire ConvertToSurrogate(in Verdict value) =>
        new((int)value.Outcome, value.A, value.B, value.Margin, value.Readings.AsArray(), value.Flipped, value.Reason);

    public Verdict ConvertFromSurrogate(in VerdictWire wire) =>
        new((Outcome)wire.Outcome, wire.A, wire.B, wire.Margin, wire.Readings) { Flipped = wire.Flipped, Reason = wire.Reason };
}

[GenerateSerializer, Immutable]
internal readonly record struct ScoredWire([property: Id(0)] double Value);

[RegisterConverter]
internal sealed class ScoredConverter : IConverter<Rating.Scored, ScoredWire>
{
    public ScoredWire ConvertToSurrogate(in Rating.Scored value) => new(value.Value);

    public Rating.Scored ConvertFromSurrogate(in ScoredWire wire) => new(wire.Value);
}

[GenerateSerializer, Immutable]
internal readonly record struct UnparsableWire([property: Id(0)] string Reason);

[RegisterConverter]
internal sealed class UnparsableConverter : IConverter<Rating.Unparsable, UnparsableWire>
{
    public UnparsableWire ConvertToSurrogate(in Rating.Unparsable value) => new(value.Reason);

    public Rating.Unparsable ConvertFromSurrogate(in UnparsableWire wire) => new(wire.Reason);
}
