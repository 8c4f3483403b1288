using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Ports;

/// <summary>Holds the one policy that is being trained.</summary>
public interface ITrainer
{
    /// <summary>Takes a policy and forgets the optimizer's moments.</summary>
    Task OpenAsync(string policy, CancellationToken cancel);

    /// <summary>Goes on from what <see cref="SaveStateAsync"/> wrote, to the bit.</summary>
    /// <exception cref="InvalidDataException">The file is missing or broken.</exception>
    Task OpenStateAsync(string policy, string file, CancellationToken cancel);

    /// <summary>One optimizer step.</summary>
    Task<StepReport> StepAsync(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel);

    /// <summary>Writes weights and moments; they lie safely on disk when this returns. Of the files written before, the one written (or opened) last stays.</summary>
    /// <returns>The file's name within the run.</returns>
    Task<string> SaveStateAsync(string name, CancellationToken cancel);

    /// <summary>Writes the weights as a policy and returns its hash.</summary>
    Task<string> PublishAsync(CancellationToken cancel);
}
