using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Stages;

/// <summary>The ports that a host provides to a run.</summary>
/// <param name="Ledger">The record of truth.</param>
/// <param name="Player">Plays rounds.</param>
/// <param name="Trainer">Takes optimizer steps.</param>
/// <param name="Generator">Draws the responses that evaluation asks for.</param>
/// <param name="JudgeOf">Makes the judge of a policy, given its hash, for evaluation: its answers are not recorded.</param>
/// <param name="Progress">Takes the run's events.</param>
public sealed record HostPorts(
    IRunLedger Ledger,
    IRoundPlayer Player,
    IRoundTrainer Trainer,
    IGenerator Generator,
    Func<string, IJudge> JudgeOf,
    IProgress<RunEvent> Progress);
