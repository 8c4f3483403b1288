using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Ports;

/// <summary>Holds the one policy that is being trained.</summary>
public interface ITrainer
{
    /// <summary>Opens a policy with zero optimizer moments.</summary>
    Task OpenAsync(string policy, CancellationToken cancel);

    /// <summary>Opens a state that <see cref="SaveStateAsync"/> wrote; training goes on from it to the bit.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is broken or was changed.</exception>
    Task OpenStateAsync(string policy, string file, CancellationToken cancel);

    /// <summary>Takes one optimizer step.</summary>
    Task<StepReport> StepAsync(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel);

    /// <summary>
    /// Writes weights and moments; they are flushed to disk when this returns. Of earlier files, only the one written (or opened) last is kept.
    /// </summary>
    /// <returns>The file's name within the run.</returns>
    Task<string> SaveStateAsync(string name, CancellationToken cancel);

    /// <summary>Writes the weights as a policy and returns its hash.</summary>
    Task<string> PublishAsync(CancellationToken cancel);
}
