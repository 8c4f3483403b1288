using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Core.Stages;

/// <summary>A stage at work.</summary>
internal interface IStage
{
    /// <summary>Does what is missing of a round.</summary>
    /// <param name="round">Round, from 1; 0 in stages without rounds.</param>
    /// <param name="policy">Hash of the policy to begin with.</param>
    /// <param name="cancel">Ends the work at the next safe place.</param>
    Task<RoundRow> RunAsync(int round, string policy, CancellationToken cancel);
}
