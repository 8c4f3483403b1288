using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Stages;

/// <summary>What a run works with: the ports, as one host provides them.</summary>
/// <param name="Ledger">The record of truth.</param>
/// <param name="Player">Plays rounds.</param>
/// <param name="Trainer">Takes optimizer steps.</param>
/// <param name="Generator">Draws the responses that evaluation asks for.</param>
/// <param name="JudgeOf">The judge that a policy makes, for evaluation: nothing keeps its answers.</param>
/// <param name="Progress">Who watches.</param>
public sealed record HostPorts(
    IRunLedger Ledger,
    IRoundPlayer Player,
    IRoundTrainer Trainer,
    IGenerator Generator,
    Func<string, IJudge> JudgeOf,
    IProgress<RunEvent> Progress);
