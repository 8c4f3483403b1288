using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Models.Engines;

/// <summary>One policy on one device: samples from it, scores with it, trains it. An engine knows transformers, not alignment.</summary>
/// <remarks>
/// Log-probs are natural logarithms of the raw softmax (temperature 1, no warper), in float32. An engine is used by one caller at a time; it
/// runs on all its threads by itself. Sequences are ragged, never padded, and a sequence's numbers do not depend on its neighbours in the call.
/// </remarks>
public interface IPolicyEngine : IDisposable
{
    /// <summary>The architecture and its sizes.</summary>
    ModelConfig Config { get; }

    /// <summary>Draws one completion per request; result i belongs to request i. Requests with equal prompts share the prompt's computation.</summary>
    /// <exception cref="ArgumentException">A prompt is empty, has an id outside the vocabulary, or leaves no room in the context.</exception>
    IReadOnlyList<Sample> Sample(IReadOnlyList<SampleRequest> requests, CancellationToken cancel = default);

    /// <summary>For sequence i, the log-prob of each token from <see cref="TokenSequence.PromptLength"/> on, given all before it.</summary>
    /// <returns>result[i][j] = log p(tokens[P + j] | tokens[0 … P + j − 1]), with length tokens.Length − P.</returns>
    IReadOnlyList<float[]> LogProbs(IReadOnlyList<TokenSequence> sequences, CancellationToken cancel = default);

    /// <summary>The raw next-token logits of <paramref name="choices"/> after each prompt, before any warper.</summary>
    /// <returns>result[i][c] = logit of choices[c] after prompts[i], followed by the log of the partition function over the whole vocabulary.</returns>
    IReadOnlyList<ChoiceLogits> ChoiceLogits(IReadOnlyList<int[]> prompts, IReadOnlyList<int> choices, CancellationToken cancel = default);

    /// <summary>One optimizer step: log-probs of the batch, the objective's loss and gradient, backward, clipping, AdamW.</summary>
    /// <remarks>An engine may split the batch to bound memory; this does not change the result.</remarks>
    StepReport Step(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel = default);

    /// <summary>A copy of the weights as they are now.</summary>
    ModelWeights ExportWeights();

    /// <summary>A copy of the optimizer's state (first and second moments, step count), from which <see cref="ImportOptimizer"/> resumes to the bit.</summary>
    OptimizerState ExportOptimizer();

    /// <summary>Restores a state from <see cref="ExportOptimizer"/>.</summary>
    void ImportOptimizer(OptimizerState state);

    /// <summary>Resets the optimizer's moments and its step count to zero.</summary>
    void ResetOptimizer();
}
