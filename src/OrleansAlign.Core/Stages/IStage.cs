using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Core.Stages;

/// <summary>A stage with its data read and checked, ready to work.</summary>
internal interface IStage
{
    /// <summary>Does what is missing of a round.</summary>
    /// <param name="round">Round, from 1; 0 in stages without rounds.</param>
    /// <param name="policy">Hash of the policy to begin with.</param>
    /// <param name="entering">Hash of the policy that entered the stage.</param>
    /// <param name="cancel">Ends the work at the next safe place.</param>
    Task<RoundRow> RunAsync(int round, string policy, string entering, CancellationToken cancel);
}
