namespace OrleansAlign.Models.Engines;

/// <summary>Tokens of which the first <paramref name="PromptLength"/> are given and the rest are scored or trained on.</summary>
/// <param name="Tokens">All token ids.</param>
/// <param name="PromptLength">Number of given tokens, at least 1, at most Tokens.Length.</param>
public sealed record TokenSequence(int[] Tokens, int PromptLength)
{
    /// <summary>Which of the scored tokens count, index 0 being Tokens[PromptLength]; null: all. Multi-turn rows train on assistant turns alone.</summary>
    public bool[]? Trained { get; init; }

    /// <summary>Number of tokens after the prompt.</summary>
    public int CompletionLength => Tokens.Length - PromptLength;
}

/// <summary>How a token is drawn from the logits. Order: temperature, top-k, top-p, min-p, then one draw.</summary>
public sealed record SamplingOptions : IChecked
{
    /// <summary>Divides the logits; 0 is greedy (the lowest id among equals). Default 1.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Keeps the k most probable tokens; 0 keeps all. Default 0.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the smallest set of most probable tokens whose mass reaches p, at least one; 1 keeps all. Default 1.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Keeps tokens with at least this share of the most probable token's probability; 0 keeps all. Default 0.</summary>
    public double MinP { get; init; }

    /// <summary>Most tokens to draw. Default 256; generation also ends where the context is full.</summary>
    public int MaxNewTokens { get; init; } = 256;

    /// <inheritdoc/>
    public IEnumerable<string> Problems()
    {
        if (!(Temperature >= 0) || double.IsInfinity(Temperature)) yield return $"temperature is {Temperature}; it must be 0 or more";
        if (!(TopK >= 0)) yield return $"top-k is {TopK}; it must be 0 (off) or more";
        if (!(TopP > 0 && TopP <= 1)) yield return $"top-p is {TopP}; it must be above 0 and at most 1";
        if (!(MinP >= 0 && MinP < 1)) yield return $"min-p is {MinP}; it must be 0 or more and below 1";
        if (!(MaxNewTokens >= 1)) yield return $"max-new-tokens is {MaxNewTokens}; it must be 1 or more";
    }
}

/// <summary>One completion to draw.</summary>
/// <param name="Prompt">Token ids of the prompt, at least one.</param>
/// <param name="Seed">Token t of the completion is drawn with <c>CounterRandom.Uniform(Seed, t)</c>.</param>
/// <param name="Options">How to draw.</param>
/// <param name="StopTokens">Ids that end the completion; the stop token is part of it.</param>
public sealed record SampleRequest(int[] Prompt, ulong Seed, SamplingOptions Options, IReadOnlyList<int> StopTokens);

/// <summary>Why a completion ended.</summary>
public enum FinishReason
{
    /// <summary>A stop token was drawn; it is the completion's last token.</summary>
    Stop,

    /// <summary>The token limit or the context's end was reached; no stop token was added.</summary>
    Length,
}

/// <summary>A drawn completion.</summary>
/// <param name="Tokens">Its ids, without the prompt; ends with the stop token if <paramref name="Finish"/> is <see cref="FinishReason.Stop"/>.</param>
/// <param name="LogProbs">Per token, its raw log-prob: on the managed engine bit for bit the value of <see cref="IPolicyEngine.LogProbs"/>.</param>
/// <param name="Finish">Why it ended.</param>
public sealed record Sample(int[] Tokens, float[] LogProbs, FinishReason Finish);

/// <summary>Next-token logits of a few chosen ids.</summary>
/// <param name="Logits">Logit of each choice.</param>
/// <param name="LogPartition">log Σ exp over the whole vocabulary, so that p(choice) = exp(logit − LogPartition).</param>
public sealed record ChoiceLogits(float[] Logits, float LogPartition)
{
    /// <summary>p(choice <paramref name="index"/>) under the raw softmax over the whole vocabulary, in [0, 1].</summary>
    public double Probability(int index) => Math.Exp((double)Logits[index] - LogPartition);
}

/// <summary>The sequences of one optimizer step, in the order that the objective defines.</summary>
/// <param name="Sequences">For pairs: chosen₀, rejected₀, chosen₁, rejected₁, …</param>
public sealed record TrainingBatch(IReadOnlyList<TokenSequence> Sequences)
{
    /// <summary>Seed of the dropout masks, if dropout is on.</summary>
    public ulong DropoutSeed { get; init; }
}

/// <summary>One step's settings. AdamW after Loshchilov and Hutter (1711.05101): decoupled decay, on matrices only.</summary>
public sealed record StepOptions
{
    /// <summary>Learning rate of this step, ≥ 0.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Decay of the first moment. Default 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment. Default 0.95.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Added to the root of the second moment. Default 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled decay of tensors with two or more dimensions (the embedding included). Default 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Largest global gradient norm; 0 does not clip. Default 1.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Probability with which a residual branch's output element is dropped while training. Default 0 (off).</summary>
    public double Dropout { get; init; }
}

/// <summary>Loss, gradient norm and metrics of a step.</summary>
/// <param name="Loss">The objective's loss before the step.</param>
/// <param name="GradientNorm">Global gradient norm before clipping.</param>
/// <param name="Tokens">Tokens in the batch, prompts included.</param>
/// <param name="Metrics">The objective's own figures (accuracy, margin, log-probs …), by name.</param>
public sealed record StepReport(double Loss, double GradientNorm, int Tokens, IReadOnlyDictionary<string, double> Metrics);

/// <summary>AdamW's state: one pair of moments per weight tensor, in the model's tensor order.</summary>
/// <param name="Step">Number of steps taken.</param>
/// <param name="FirstMoments">m per tensor.</param>
/// <param name="SecondMoments">v per tensor.</param>
public sealed record OptimizerState(int Step, IReadOnlyList<float[]> FirstMoments, IReadOnlyList<float[]> SecondMoments);
