using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Runs;

/// <summary>What a run works with: the ports, as one host provides them.</summary>
/// <param name="Ledger">The record of truth.</param>
/// <param name="Store">Where policies lie.</param>
/// <param name="Generator">Draws candidates.</param>
/// <param name="Trainer">Takes steps.</param>
/// <param name="JudgeOf">The judge that a policy makes.</param>
/// <param name="Encoder">Conversations to tokens, the same for every policy of the run.</param>
/// <param name="Scorer">Scores given tokens.</param>
/// <param name="Progress">Who watches.</param>
public sealed record RunServices(
    IRunLedger Ledger,
    IPolicyStore Store,
    IGenerator Generator,
    ITrainer Trainer,
    Func<string, IJudge> JudgeOf,
    ConversationEncoder Encoder,
    IScorer Scorer,
    IProgress<RunEvent> Progress);
