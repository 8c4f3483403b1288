using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Runs;

/// <summary>What a run works with: the ports, as one host provides them.</summary>
/// <param name="Ledger">The record of truth.</param>
/// <param name="Player">Plays rounds of self-judging.</param>
/// <param name="Trainer">Takes optimizer steps.</param>
/// <param name="Generator">Draws the responses that evaluation asks for.</param>
/// <param name="JudgeOf">The judge that a policy makes.</param>
/// <param name="Encoder">Conversations to tokens, the same for every policy of the run.</param>
/// <param name="Progress">Who watches.</param>
public sealed record RunServices(
    IRunLedger Ledger,
    IRoundPlayer Player,
    IRoundTrainer Trainer,
    IGenerator Generator,
    Func<string, IJudge> JudgeOf,
    ConversationEncoder Encoder,
    IProgress<RunEvent> Progress);
