using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Models.Engines.Shared;

/// <summary>Checks the arguments of an engine's calls; a violation throws one message with the values.</summary>
internal static class RequestChecks
{
    /// <summary>Checks the architecture, before memory is allocated for it.</summary>
    public static void Model(ModelConfig config)
    {
        if (config.Heads % config.KeyValueHeads != 0)
        {
            throw new ArgumentException($"{config.Heads} heads cannot be shared by {config.KeyValueHeads} key/value heads");
        }

        if (config.HeadSize % 2 != 0) throw new ArgumentException($"the head size is {config.HeadSize}; rotary embedding needs an even one");
    }

    public static void Requests(IReadOnlyList<SampleRequest> requests, ModelConfig config)
    {
        for (int i = 0; i < requests.Count; i++)
        {
            Tokens(requests[i].Prompt, config, $"request {i}: the prompt");
            if (requests[i].Prompt.Length >= config.ContextLength)
            {
                throw new ArgumentException(
                    $"request {i}: the prompt has {requests[i].Prompt.Length} tokens, the context {config.ContextLength}; "
                    + "it must leave room for one more. Shorten the prompt.");
            }

            string problems = string.Join("; ", requests[i].Options.Problems());
            if (problems.Length > 0) throw new ArgumentException($"request {i}: {problems}");
        }
    }

    public static void Sequences(IReadOnlyList<TokenSequence> sequences, ModelConfig config)
    {
        for (int i = 0; i < sequences.Count; i++)
        {
            TokenSequence sequence = sequences[i];
            Tokens(sequence.Tokens, config, $"sequence {i}");
            if (sequence.PromptLength < 1 || sequence.PromptLength > sequence.Tokens.Length)
            {
                throw new ArgumentException(
                    $"sequence {i}: the prompt length is {sequence.PromptLength}; it must be between 1 and the sequence's length, {sequence.Tokens.Length}");
            }
        }
    }

    public static void Prompts(IReadOnlyList<int[]> prompts, ModelConfig config)
    {
        for (int i = 0; i < prompts.Count; i++) Tokens(prompts[i], config, $"prompt {i}");
    }

    public static void Choices(IReadOnlyList<int> choices, ModelConfig config)
    {
        for (int i = 0; i < choices.Count; i++)
        {
            if ((uint)choices[i] < (uint)config.VocabularySize) continue;
            throw new ArgumentException($"choice {i} is id {choices[i]}; ids are 0 to {config.VocabularySize - 1}");
        }
    }

    public static void Step(StepOptions options)
    {
        void Check(bool good, string name, double value, string rule)
        {
            if (!good) throw new ArgumentException($"{name} is {value}; it must be {rule}");
        }

        Check(options.LearningRate >= 0 && double.IsFinite(options.LearningRate), "learning-rate", options.LearningRate, "0 or more");
        Check(options.Beta1 >= 0 && options.Beta1 < 1, "beta1", options.Beta1, "0 or more and below 1");
        Check(options.Beta2 >= 0 && options.Beta2 < 1, "beta2", options.Beta2, "0 or more and below 1");
        Check(options.Epsilon > 0 && double.IsFinite(options.Epsilon), "epsilon", options.Epsilon, "above 0");
        Check(options.WeightDecay >= 0 && double.IsFinite(options.WeightDecay), "weight-decay", options.WeightDecay, "0 or more");
        Check(options.ClipNorm >= 0, "clip-norm", options.ClipNorm, "0 (off) or more");
        Check(options.Dropout >= 0 && options.Dropout < 1, "dropout", options.Dropout, "0 or more and below 1");
    }

    /// <summary>Checks that an optimizer's state belongs to this model.</summary>
    public static void Optimizer(OptimizerState state, ModelConfig config)
    {
        if (state.Step < 0) throw new ArgumentException($"the optimizer's step count is {state.Step}; it must be 0 or more");
        (string Name, int[] Shape)[] tensors = [.. config.TensorShapes()];
        foreach ((string what, IReadOnlyList<float[]> moments) in new[] { ("first", state.FirstMoments), ("second", state.SecondMoments) })
        {
            if (moments.Count != tensors.Length) throw new ArgumentException($"there are {moments.Count} {what} moments for {tensors.Length} tensors");
            for (int i = 0; i < tensors.Length; i++)
            {
                int wanted = tensors[i].Shape.Aggregate(1, (product, size) => product * size);
                if (moments[i].Length == wanted) continue;
                throw new ArgumentException($"the {what} moments of {tensors[i].Name} have {moments[i].Length} values; the tensor has {wanted}");
            }
        }
    }

    private static void Tokens(int[] tokens, ModelConfig config, string what)
    {
        if (tokens.Length == 0) throw new ArgumentException($"{what} is empty; it needs at least one token");
        if (tokens.Length > config.ContextLength)
        {
            throw new ArgumentException($"{what} has {tokens.Length} tokens, more than the context of {config.ContextLength}");
        }

        for (int t = 0; t < tokens.Length; t++)
        {
            if ((uint)tokens[t] >= (uint)config.VocabularySize)
            {
                throw new ArgumentException($"{what} has id {tokens[t]} at position {t}; ids are 0 to {config.VocabularySize - 1}");
            }
        }
    }
}
