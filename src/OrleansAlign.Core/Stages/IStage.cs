using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Core.Stages;

/// <summary>A stage with its data read and checked, ready to work.</summary>
internal interface IStage
{
    /// <summary>Notes on rows left out of the data.</summary>
    IReadOnlyList<string> Notes { get; }

    /// <summary>The rows as they are trained, as far as the data alone determines them.</summary>
    IEnumerable<TrainedRow> Rows();

    /// <summary>Does the work of a round that the ledger does not have yet.</summary>
    /// <param name="round">Round, from 1; 0 in stages without rounds.</param>
    /// <param name="policy">Hash of the policy to begin with.</param>
    /// <param name="entering">Hash of the policy that entered the stage.</param>
    /// <param name="services">The ports.</param>
    /// <param name="cancel">Ends the work at the next safe place.</param>
    Task<RoundRow> RunAsync(int round, string policy, string entering, HostPorts services, CancellationToken cancel);

    /// <summary>Takes the missing optimizer steps of a round whose training rows are complete.</summary>
    /// <param name="round">Round, from 1; 0 in stages without rounds.</param>
    /// <param name="policy">Hash of the policy to begin with.</param>
    /// <param name="services">Ledger and engine.</param>
    /// <param name="cancel">Ends the work at the next step, with its state saved.</param>
    /// <returns>Hash of the trained policy.</returns>
    Task<string> TrainAsync(int round, string policy, TrainingServices services, CancellationToken cancel);

    /// <summary>The plan of a round; null in stages without rounds.</summary>
    RoundPlan? Plan(int round, RoundPolicies policies);

    /// <summary>The round's pairs, none of them pulled yet; null in stages without rounds.</summary>
    PairFeed? Feed(int round);
}
