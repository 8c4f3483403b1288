namespace OrleansAlign.Core.Stages;

/// <summary>Takes a stage's (or a round's) optimizer steps.</summary>
public interface IRoundTrainer
{
    /// <summary>Takes the steps that are still missing, records them, and publishes the trained policy.</summary>
    /// <param name="stage">Stage, from 0.</param>
    /// <param name="round">Round, from 1; 0 in stages without rounds.</param>
    /// <param name="policy">Hash of the policy to begin with.</param>
    /// <param name="cancel">Ends the work at the next step, with its state saved.</param>
    /// <returns>Hash of the trained policy.</returns>
    Task<string> TrainAsync(int stage, int round, string policy, CancellationToken cancel);
}
