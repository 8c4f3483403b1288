using System.Collections.Concurrent;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;

namespace OrleansAlign.Grains.Runs;

/// <summary>The core's ports, with the cluster's device slots behind them.</summary>
internal sealed class RemotePorts(IGrainFactory grains, SlotDirectory slots, RemoteCalls calls)
{
    /// <summary>Judges kept; each has its recipe parsed.</summary>
    private const int Capacity = 64;

    private readonly ConcurrentDictionary<(JudgeSpec Spec, string? Run), GrainJudge> judges = new();

    /// <summary>Draws on any slots.</summary>
    public IGenerator Generator(EngineKind engine) => new GrainGenerator(grains, slots, calls, engine);

    /// <summary>Scores on any slots.</summary>
    public IScorer Scorer(EngineKind engine) => new GrainScorer(grains, slots, calls, engine);

    /// <summary>A judge whose verdicts a run's ledger keeps, or nobody.</summary>
    public IJudge Judge(JudgeSpec spec, string? run) => Find(spec, run);

    /// <summary>A judge that rates responses one by one.</summary>
    public IRater Rater(JudgeSpec spec) => Find(spec, run: null);

    private GrainJudge Find(JudgeSpec spec, string? run)
    {
        if (judges.Count >= Capacity) judges.Clear();
        return judges.GetOrAdd((spec, run), key => new GrainJudge(grains, slots, calls, key.Spec, key.Run));
    }
}
