using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Tests.Engines.Managed;

/// <summary>Small models that together have every kind of tensor, sizes that are no multiples of a vector, and weights of noticeable effect.</summary>
internal static class TinyModels
{
    /// <summary>Grouped queries, untied, an output bias; D = 6, C = 20, I = 27.</summary>
    public static ModelConfig Llama { get; } = new()
    {
        Architecture = Architecture.Llama,
        HiddenSize = 20,
        IntermediateSize = 27,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        HeadSize = 6,
        VocabularySize = 53,
        ContextLength = 160,
        OutputBias = true,
    };

    /// <summary>Biases, tied; D = 8.</summary>
    public static ModelConfig Qwen2 { get; } = Llama with
    {
        Architecture = Architecture.Qwen2,
        HiddenSize = 32,
        IntermediateSize = 48,
        HeadSize = 8,
        QueryKeyValueBias = true,
        OutputBias = false,
        TiedEmbeddings = true,
        RopeScaling = RopeScaling.Linear,
        RopeFactor = 2,
    };

    /// <summary>Head norms, heads wider than C / H; D = 20, a vocabulary of more than one block.</summary>
    public static ModelConfig Qwen3 { get; } = Llama with
    {
        Architecture = Architecture.Qwen3,
        HeadSize = 20,
        KeyValueHeads = 4,
        OutputBias = false,
        QueryKeyNorm = true,
        VocabularySize = 1100,
        RopeScaling = RopeScaling.Llama3,
        RopeFactor = 4,
        RopeOriginalContext = 16,
    };

    public static TheoryData<string> Names => new("llama", "qwen2", "qwen3");

    public static ModelConfig Config(string name) => name switch
    {
        "llama" => Llama,
        "qwen2" => Qwen2,
        _ => Qwen3,
    };

    /// <summary>Weights with a deviation of 0.25 and gains and biases away from 1 and 0, so that every part affects the results visibly.</summary>
    public static ModelWeights Weights(ModelConfig config, ulong seed = 1)
    {
        ModelWeights weights = ModelWeights.Initialize(config, seed, 0.25);
        foreach (WeightTensor tensor in weights.Tensors)
        {
            if (tensor.Shape.Length > 1) continue;
            ulong noise = CounterRandom.Derive(seed + 1, tensor.Name);
            for (int i = 0; i < tensor.Data.Length; i++) tensor.Data[i] += (float)(0.2 * CounterRandom.Normal(noise, (ulong)i));
        }

        return weights;
    }

    /// <summary>Random tokens.</summary>
    public static int[] Tokens(ModelConfig config, int length, ulong seed) =>
        [.. Enumerable.Range(0, length).Select(t => CounterRandom.Integer(seed, (ulong)t, config.VocabularySize))];

    /// <summary>Sequences of ragged lengths, some of one token, some without a completion, some beyond a page and two.</summary>
    public static TokenSequence[] Ragged(ModelConfig config) =>
    [
        new(Tokens(config, 7, 1), 3), new(Tokens(config, 2, 2), 1), new(Tokens(config, 90, 3), 5), new(Tokens(config, 33, 4), 32),
        new(Tokens(config, 5, 5), 5), new(Tokens(config, 1, 6), 1), new(Tokens(config, 64, 7), 1), new(Tokens(config, 41, 8), 20),
    ];
}

/// <summary>Σ wᵢⱼ log pᵢⱼ with fixed random weights: an objective whose gradient is known exactly. It keeps the log-probs of its last call.</summary>
internal sealed class WeightedSum(ulong seed = 99, double scale = 1) : IObjective
{
    public List<float[]> Seen { get; } = [];

    public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
    {
        Seen.Clear();
        double loss = 0;
        for (int i = 0; i < logProbs.Count; i++)
        {
            Seen.Add([.. logProbs[i]]);
            for (int j = 0; j < logProbs[i].Length; j++)
            {
                double weight = scale * CounterRandom.Normal(seed + (ulong)i, (ulong)j);
                loss += weight * logProbs[i][j];
                gradients[i][j] = (float)weight;
            }
        }

        return new ObjectiveValue(loss, new Dictionary<string, double>());
    }
}
