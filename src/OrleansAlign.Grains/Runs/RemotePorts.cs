using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;

namespace OrleansAlign.Grains.Runs;

/// <summary>The core's ports, with the cluster's device slots behind them.</summary>
internal sealed class RemotePorts(IGrainFactory grains, SlotDirectory slots, RemoteCalls calls)
{
    /// <summary>Draws on any slots.</summary>
    public IGenerator Generator(EngineKind engine) => new GrainGenerator(grains, slots, calls, engine);

    /// <summary>Scores on any slots.</summary>
    public IScorer Scorer(EngineKind engine) => new GrainScorer(grains, slots, calls, engine);

    /// <summary>A judge whose verdicts a run's ledger keeps, or nobody.</summary>
    public IJudge Judge(JudgeSpec spec, string? run) => new GrainJudge(grains, slots, calls, spec, run);

    /// <summary>A judge that rates responses one by one.</summary>
    public IRater Rater(JudgeSpec spec) => new GrainJudge(grains, slots, calls, spec, run: null);

    /// <summary>The id of a judge.</summary>
    public string JudgeId(JudgeSpec spec) => Judge(spec, run: null).Id;
}
