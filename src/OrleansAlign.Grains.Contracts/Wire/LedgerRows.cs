using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Grains.Contracts.Wire;

[GenerateSerializer, Immutable]
internal readonly record struct RunRowWire(
    [property: Id(0)] string RunId, [property: Id(1)] string Recipe, [property: Id(2)] string Folder, [property: Id(3)] ulong Seed,
    [property: Id(4)] string DataHash, [property: Id(5)] string Version, [property: Id(6)] DataFileHash[]? DataFiles);

[RegisterConverter]
internal sealed class RunRowConverter : IConverter<RunRow, RunRowWire>
{
    public RunRowWire ConvertToSurrogate(in RunRow value) => new(
        value.RunId, value.Recipe, value.Folder, value.Seed, value.DataHash, value.Version, value.DataFiles.Count > 0 ? value.DataFiles.AsArray() : null);

    public RunRow ConvertFromSurrogate(in RunRowWire wire) =>
        new(wire.RunId, wire.Recipe, wire.Folder, wire.Seed, wire.DataHash, wire.Version) { DataFiles = wire.DataFiles ?? [] };
}

[GenerateSerializer, Immutable]
internal readonly record struct DataFileHashWire([property: Id(0)] string Path, [property: Id(1)] string Sha256);

[RegisterConverter]
internal sealed class DataFileHashConverter : IConverter<DataFileHash, DataFileHashWire>
{
    public DataFileHashWire ConvertToSurrogate(in DataFileHash value) => new(value.Path, value.Sha256);

    public DataFileHash ConvertFromSurrogate(in DataFileHashWire wire) => new(wire.Path, wire.Sha256);
}

[GenerateSerializer, Immutable]
internal readonly record struct CompletionRowWire(
    [property: Id(0)] PromptKey Key, [property: Id(1)] string PromptId, [property: Id(2)] int Candidate, [property: Id(3)] string Policy,
    [property: Id(4)] ulong Seed, [property: Id(5)] int Finish, [property: Id(6)] int[] Tokens, [property: Id(7)] float[] LogProbs,
    [property: Id(8)] string Text);

[RegisterConverter]
internal sealed class CompletionRowConverter : IConverter<CompletionRow, CompletionRowWire>
{
    public CompletionRowWire ConvertToSurrogate(in CompletionRow value) =>
        new(value.Key, value.PromptId, value.Candidate, value.Policy, value.Seed, (int)value.Finish, value.Tokens, value.LogProbs, value.Text);

    public CompletionRow ConvertFromSurrogate(in CompletionRowWire wire) =>
        new(wire.Key, wire.PromptId, wire.Candidate, wire.Policy, wire.Seed, (FinishReason)wire.Finish, wire.Tokens, wire.LogProbs, wire.Text);
}

[GenerateSerializer, Immutable]
internal readonly record struct VerdictRowWire([property: Id(0)] VerdictKey Key, [property: Id(1)] Verdict Verdict);

[RegisterConverter]
internal sealed class VerdictRowConverter : IConverter<VerdictRow, VerdictRowWire>
{
    public VerdictRowWire ConvertToSurrogate(in VerdictRow value) => new(value.Key, value.Verdict);

    public VerdictRow ConvertFromSurrogate(in VerdictRowWire wire) => new(wire.Key, wire.Verdict);
}

[GenerateSerializer, Immutable]
internal readonly record struct RatingRowWire([property: Id(0)] RatingKey Key, [property: Id(1)] Rating Rating);

[RegisterConverter]
internal sealed class RatingRowConverter : IConverter<RatingRow, RatingRowWire>
{
    public RatingRowWire ConvertToSurrogate(in RatingRow value) => new(value.Key, value.Rating);

    public RatingRow ConvertFromSurrogate(in RatingRowWire wire) => new(wire.Key, wire.Rating);
}

[GenerateSerializer, Immutable]
internal readonly record struct MatchRowWire(
    [property: Id(0)] string Match, [property: Id(1)] int A, [property: Id(2)] int B, [property: Id(3)] int Outcome, [property: Id(4)] double Margin,
    [property: Id(5)] bool Flipped, [property: Id(6)] VerdictKey? Key);

[RegisterConverter]
internal sealed class MatchRowConverter : IConverter<MatchRow, MatchRowWire>
{
    public MatchRowWire ConvertToSurrogate(in MatchRow value) => new(value.Match, value.A, value.B, (int)value.Outcome, value.Margin, value.Flipped, value.Key);

    public MatchRow ConvertFromSurrogate(in MatchRowWire wire) => new(wire.Match, wire.A, wire.B, (Outcome)wire.Outcome, wire.Margin, wire.Flipped, wire.Key);
}

[GenerateSerializer, Immutable]
internal readonly record struct PairRowWire(
    [property: Id(0)] int Chosen, [property: Id(1)] int Rejected, [property: Id(2)] double Margin,
    [property: Id(3)] double ReferenceChosen, [property: Id(4)] double ReferenceRejected);

[RegisterConverter]
internal sealed class PairRowConverter : IConverter<PairRow, PairRowWire>
{
    // A log-prob that there is none of travels as NaN, which is no log-prob.
    public PairRowWire ConvertToSurrogate(in PairRow value) =>
        new(value.Chosen, value.Rejected, value.Margin, value.ReferenceChosen ?? double.NaN, value.ReferenceRejected ?? double.NaN);

    public PairRow ConvertFromSurrogate(in PairRowWire wire) =>
        new(wire.Chosen, wire.Rejected, wire.Margin, Known(wire.ReferenceChosen), Known(wire.ReferenceRejected));

    private static double? Known(double logProb) => double.IsNaN(logProb) ? null : logProb;
}

[GenerateSerializer, Immutable]
internal readonly record struct PairSetRowWire(
    [property: Id(0)] PromptKey Key, [property: Id(1)] string PromptId, [property: Id(2)] string Messages, [property: Id(3)] int[] PromptTokens,
    [property: Id(4)] string Reference, [property: Id(5)] MatchRow[] Matches, [property: Id(6)] double?[] Scores, [property: Id(7)] PairRow[] Pairs);

[RegisterConverter]
internal sealed class PairSetRowConverter : IConverter<PairSetRow, PairSetRowWire>
{
    public PairSetRowWire ConvertToSurrogate(in PairSetRow value) => new(
        value.Key, value.PromptId, value.Messages, value.PromptTokens, value.Reference, value.Matches.AsArray(), value.Scores.AsArray(), value.Pairs.AsArray());

    public PairSetRow ConvertFromSurrogate(in PairSetRowWire wire) =>
        new(wire.Key, wire.PromptId, wire.Messages, wire.PromptTokens, wire.Reference, wire.Matches, wire.Scores, wire.Pairs);
}
