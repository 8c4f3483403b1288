using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Grains.Contracts.Wire;

[GenerateSerializer, Immutable]
internal readonly record struct BeganWire(
    [property: Id(0)] int Stage, [property: Id(1)] string Kind, [property: Id(2)] int Round, [property: Id(3)] int Rounds);

[RegisterConverter]
internal sealed class BeganConverter : IConverter<RunEvent.Began, BeganWire>
{
    public BeganWire ConvertToSurrogate(in RunEvent.Began value) => new(value.Stage, value.Kind, value.Round, value.Rounds);

    public RunEvent.Began ConvertFromSurrogate(in BeganWire wire) => new(wire.Stage, wire.Kind, wire.Round, wire.Rounds);
}

[GenerateSerializer, Immutable]
internal readonly record struct AdvancedWire(
    [property: Id(0)] string Activity, [property: Id(1)] long Done, [property: Id(2)] long Total, [property: Id(3)] string Unit,
    [property: Id(4)] string? Figure);

[RegisterConverter]
internal sealed class AdvancedConverter : IConverter<RunEvent.Advanced, AdvancedWire>
{
    public AdvancedWire ConvertToSurrogate(in RunEvent.Advanced value) => new(value.Activity, value.Done, value.Total, value.Unit, value.Figure);

    public RunEvent.Advanced ConvertFromSurrogate(in AdvancedWire wire) => new(wire.Activity, wire.Done, wire.Total, wire.Unit, wire.Figure);
}

[GenerateSerializer, Immutable]
internal readonly record struct EndedWire([property: Id(0)] RoundRow Round, [property: Id(1)] EvaluationRow? Evaluation);

[RegisterConverter]
internal sealed class EndedConverter : IConverter<RunEvent.Ended, EndedWire>
{
    public EndedWire ConvertToSurrogate(in RunEvent.Ended value) => new(value.Round, value.Evaluation);

    public RunEvent.Ended ConvertFromSurrogate(in EndedWire wire) => new(wire.Round, wire.Evaluation);
}

[GenerateSerializer, Immutable]
internal readonly record struct NotedWire([property: Id(0)] string Text);

[RegisterConverter]
internal sealed class NotedConverter : IConverter<RunEvent.Noted, NotedWire>
{
    public NotedWire ConvertToSurrogate(in RunEvent.Noted value) => new(value.Text);

    public RunEvent.Noted ConvertFromSurrogate(in NotedWire wire) => new(wire.Text);
}
