using OrleansAlign.Models.Engines;

namespace OrleansAlign.Models.Losses;

/// <summary>A loss as a pure function of log-probs: the value, and its gradient with respect to every one of them.</summary>
public interface IObjective
{
    /// <summary>Evaluates the loss of a batch.</summary>
    /// <param name="batch">The sequences, in the order that the objective defines.</param>
    /// <param name="logProbs">logProbs[i][j] = policy's log-prob of the j-th token after sequence i's prompt.</param>
    /// <param name="gradients">Same shape, zero on entry; receives ∂loss/∂logProbs[i][j].</param>
    ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients);
}

/// <summary>A loss and the figures that explain it.</summary>
/// <param name="Loss">The value that is minimised.</param>
/// <param name="Metrics">By name, in the field's words: <c>rewards/margins</c>, <c>rewards/accuracies</c>, <c>logps/chosen</c> …</param>
public sealed record ObjectiveValue(double Loss, IReadOnlyDictionary<string, double> Metrics);
