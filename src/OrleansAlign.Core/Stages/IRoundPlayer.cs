namespace OrleansAlign.Core.Stages;

/// <summary>Plays rounds: candidates, tournaments, pair sets.</summary>
public interface IRoundPlayer
{
    /// <summary>Returns once every prompt of the round has its pair set in the ledger. Work whose rows are in the ledger is not repeated.</summary>
    Task PlayAsync(RoundPlan round, CancellationToken cancel);
}
