using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Grains.Contracts.Wire;

[GenerateSerializer, Immutable]
internal readonly record struct StepReportWire(
    [property: Id(0)] double Loss, [property: Id(1)] double GradientNorm, [property: Id(2)] int Tokens, [property: Id(3)] Dictionary<string, double> Metrics);

[RegisterConverter]
internal sealed class StepReportConverter : IConverter<StepReport, StepReportWire>
{
    public StepReportWire ConvertToSurrogate(in StepReport value) => new(value.Loss, value.GradientNorm, value.Tokens, value.Metrics.AsDictionary());

    public StepReport ConvertFromSurrogate(in StepReportWire wire) => new(wire.Loss, wire.GradientNorm, wire.Tokens, wire.Metrics);
}

[GenerateSerializer, Immutable]
internal readonly record struct StepRowWire(
    [property: Id(0)] int Stage, [property: Id(1)] int Round, [property: Id(2)] int Step, [property: Id(3)] double LearningRate,
    [property: Id(4)] StepReport Report);

[RegisterConverter]
internal sealed class StepRowConverter : IConverter<StepRow, StepRowWire>
{
    public StepRowWire ConvertToSurrogate(in StepRow value) => new(value.Stage, value.Round, value.Step, value.LearningRate, value.Report);

    public StepRow ConvertFromSurrogate(in StepRowWire wire) => new(wire.Stage, wire.Round, wire.Step, wire.LearningRate, wire.Report);
}

[GenerateSerializer, Immutable]
internal readonly record struct RoundCountsWire([property: Id(0)] long Completions, [property: Id(1)] long PairSets, [property: Id(2)] long Steps);

[RegisterConverter]
internal sealed class RoundCountsConverter : IConverter<RoundCounts, RoundCountsWire>
{
    public RoundCountsWire ConvertToSurrogate(in RoundCounts value) => new(value.Completions, value.PairSets, value.Steps);

    public RoundCounts ConvertFromSurrogate(in RoundCountsWire wire) => new(wire.Completions, wire.PairSets, wire.Steps);
}

[GenerateSerializer, Immutable]
internal readonly record struct RoundRowWire(
    [property: Id(0)] int Stage, [property: Id(1)] int Round, [property: Id(2)] string Kind,
    [property: Id(3)] string PolicyBefore, [property: Id(4)] string PolicyAfter, [property: Id(5)] Dictionary<string, double> Metrics);

[RegisterConverter]
internal sealed class RoundRowConverter : IConverter<RoundRow, RoundRowWire>
{
    public RoundRowWire ConvertToSurrogate(in RoundRow value) =>
        new(value.Stage, value.Round, value.Kind, value.PolicyBefore, value.PolicyAfter, value.Metrics.AsDictionary());

    public RoundRow ConvertFromSurrogate(in RoundRowWire wire) => new(wire.Stage, wire.Round, wire.Kind, wire.PolicyBefore, wire.PolicyAfter, wire.Metrics);
}

[GenerateSerializer, Immutable]
internal readonly record struct EvaluationSampleWire([property: Id(0)] string Prompt, [property: Id(1)] string Response, [property: Id(2)] bool Passed);

[RegisterConverter]
internal sealed class EvaluationSampleConverter : IConverter<EvaluationSample, EvaluationSampleWire>
{
    public EvaluationSampleWire ConvertToSurrogate(in EvaluationSample value) => new(value.Prompt, value.Response, value.Passed);

    public EvaluationSample ConvertFromSurrogate(in EvaluationSampleWire wire) => new(wire.Prompt, wire.Response, wire.Passed);
}

[GenerateSerializer, Immutable]
internal readonly record struct EvaluationRowWire(
    [property: Id(0)] string Policy, [property: Id(1)] Dictionary<string, double> Metrics, [property: Id(2)] EvaluationSample[] Samples);

[RegisterConverter]
internal sealed class EvaluationRowConverter : IConverter<EvaluationRow, EvaluationRowWire>
{
    public EvaluationRowWire ConvertToSurrogate(in EvaluationRow value) => new(value.Policy, value.Metrics.AsDictionary(), value.Samples.AsArray());

    public EvaluationRow ConvertFromSurrogate(in EvaluationRowWire wire) => new(wire.Policy, wire.Metrics, wire.Samples);
}
