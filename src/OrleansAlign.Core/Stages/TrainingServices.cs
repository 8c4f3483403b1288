using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Stages;

/// <summary>The ports that training needs.</summary>
/// <param name="Ledger">The record of truth.</param>
/// <param name="Trainer">Takes the steps.</param>
/// <param name="Progress">Takes the run's events.</param>
/// <param name="Feed">The round's feed with the pairs pulled so far, or null; the remaining pairs are pulled when training begins.</param>
public sealed record TrainingServices(IRunLedger Ledger, ITrainer Trainer, IProgress<RunEvent> Progress, PairFeed? Feed = null);

/// <summary>Trains in this process.</summary>
/// <param name="stages">The run's stages.</param>
/// <param name="services">Ledger and engine.</param>
public sealed class LocalRoundTrainer(PreparedStages stages, TrainingServices services) : IRoundTrainer
{
    /// <inheritdoc/>
    public Task<string> TrainAsync(int stage, int round, string policy, CancellationToken cancel) => stages.TrainAsync(stage, round, policy, services, cancel);
}
