using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;

namespace OrleansAlign.Grains.Runs;

/// <summary>The core's ports, with the cluster's device slots behind them.</summary>
internal sealed class RemotePorts(IGrainFactory grains, SlotDirectory slots, RemoteCalls calls)
{
    /// <summary>Draws on any slots that have the engine.</summary>
    public IGenerator Generator(EngineKind engine) => new GrainGenerator(grains, slots, calls, engine);

    /// <summary>Scores on any slots that have the engine.</summary>
    public IScorer Scorer(EngineKind engine) => new GrainScorer(grains, slots, calls, engine);

    /// <summary>The judge of a run, whose answers the run's ledger keeps. A judge that asks no policy runs in this process, without a device.</summary>
    /// <param name="run">The run.</param>
    /// <param name="policy">Hash of the policy that judges, where one does.</param>
    public IRater Judge(RunContext run, string policy) => run.Setup.Judges.Options.AsksPolicy
        ? OnDevices(run, policy, isRecorded: true)
        : run.LocalJudge;

    /// <summary>The judge that a policy makes, for evaluation: its answers are not recorded.</summary>
    public IJudge Evaluator(RunContext run, string policy) => OnDevices(run, policy, isRecorded: false);

    private GrainJudge OnDevices(RunContext run, string policy, bool isRecorded) =>
        new(grains, slots, calls, new JudgeRef(policy, run.Setup.Row.RunId, isRecorded, Own: null), run.Engine, run.Setup.Judges.IdOf(policy));
}
