using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Tests.Engines.Conformance;

/// <summary>Small random models whose sizes are no multiples of a vector, for the edge cases of kernels.</summary>
internal static class RandomModels
{
    private static readonly ModelConfig basis = new()
    {
        Architecture = Architecture.Llama,
        HiddenSize = 20,
        IntermediateSize = 37,
        Layers = 2,
        Heads = 5,
        KeyValueHeads = 1,
        HeadSize = 4,
        VocabularySize = 61,
        ContextLength = 32,
    };

    /// <summary>The configurations by name.</summary>
    public static IReadOnlyDictionary<string, ModelConfig> Configs { get; } = new Dictionary<string, ModelConfig>
    {
        ["one key head for five"] = basis,
        ["three layers, two to one"] = basis with
        {
            Layers = 3, HiddenSize = 18, Heads = 6, KeyValueHeads = 3, HeadSize = 6, VocabularySize = 53, NormEpsilon = 1e-3,
        },
        ["head size 2, tied, qkv biases"] = basis with
        {
            Architecture = Architecture.Qwen2, QueryKeyValueBias = true, TiedEmbeddings = true,
            HiddenSize = 12, IntermediateSize = 17, Heads = 6, KeyValueHeads = 3, HeadSize = 2, VocabularySize = 101,
        },
        ["q/k norm, heads wider than the stream"] = basis with
        {
            Architecture = Architecture.Qwen3, QueryKeyNorm = true, RopeTheta = 1e6,
            HiddenSize = 14, IntermediateSize = 31, Heads = 4, KeyValueHeads = 4, HeadSize = 10,
        },
        ["q/k norm, all biases, tied, one wide head"] = basis with
        {
            Architecture = Architecture.Qwen3, QueryKeyNorm = true, QueryKeyValueBias = true, OutputBias = true, TiedEmbeddings = true,
            HiddenSize = 13, Heads = 1, KeyValueHeads = 1, HeadSize = 66, VocabularySize = 47,
        },
        ["linear scaling, four to one"] = basis with
        {
            Architecture = Architecture.Mistral, RopeScaling = RopeScaling.Linear, RopeFactor = 4,
            HiddenSize = 32, IntermediateSize = 43, Heads = 8, KeyValueHeads = 2, HeadSize = 6,
        },
        ["llama3 scaling, all biases"] = basis with
        {
            QueryKeyValueBias = true, OutputBias = true, HiddenSize = 24, Heads = 3, KeyValueHeads = 3, HeadSize = 8,
            RopeScaling = RopeScaling.Llama3, RopeFactor = 8, RopeLowFrequencyFactor = 1, RopeHighFrequencyFactor = 4, RopeOriginalContext = 16,
            RopeTheta = 500,
        },
        ["yarn scaling"] = basis with
        {
            Architecture = Architecture.Qwen2, QueryKeyValueBias = true, HiddenSize = 24, Heads = 2, KeyValueHeads = 1, HeadSize = 16,
            RopeScaling = RopeScaling.Yarn, RopeFactor = 4, RopeOriginalContext = 8, RopeTheta = 40, RopeBetaFast = 1, RopeBetaSlow = 0.05,
            RopeAttentionFactor = 1.2,
        },
        ["yarn scaling, bounds between frequencies"] = basis with
        {
            Heads = 2, KeyValueHeads = 2, HeadSize = 16, RopeScaling = RopeScaling.Yarn, RopeFactor = 3, RopeOriginalContext = 32, RopeTheta = 300,
            RopeBetaFast = 4, RopeTruncates = false, RopeAttentionFactor = 0.8,
        },
        ["dynamic NTK scaling"] = basis with
        {
            Heads = 3, KeyValueHeads = 3, HeadSize = 8, RopeScaling = RopeScaling.Dynamic, RopeFactor = 2.5, RopeOriginalContext = 8, RopeTheta = 100,
        },
        ["longrope scaling, long"] = basis with
        {
            Heads = 4, KeyValueHeads = 2, HeadSize = 6, RopeScaling = RopeScaling.LongRope, RopeFactor = 4, RopeOriginalContext = 8,
            RopeShortFactors = [1, 1.25, 1.5], RopeLongFactors = [1.125, 2.5, 7], RopeAttentionFactor = 1.3, RopeTheta = 50,
        },
        ["longrope scaling, short"] = basis with
        {
            Heads = 4, KeyValueHeads = 2, HeadSize = 6, RopeScaling = RopeScaling.LongRope, RopeFactor = 4, RopeOriginalContext = 32,
            RopeShortFactors = [1, 1.25, 1.5], RopeLongFactors = [1.125, 2.5, 7], RopeTheta = 50,
        },
        ["window of five"] = basis with
        {
            Architecture = Architecture.Mistral, SlidingWindow = 5, Heads = 6, KeyValueHeads = 2, HeadSize = 6,
        },
        ["window of one"] = basis with { Architecture = Architecture.Mistral, SlidingWindow = 1, Heads = 2, KeyValueHeads = 2, HeadSize = 4 },
        ["window in two of three layers, across pages"] = basis with
        {
            Architecture = Architecture.Qwen2, QueryKeyValueBias = true, Layers = 3, SlidingWindow = 37, WindowedLayers = [true, false, true],
            HiddenSize = 21, Heads = 4, KeyValueHeads = 2, HeadSize = 10, ContextLength = 150, RopeTheta = 300,
        },
        ["as small as can be"] = basis with
        {
            HiddenSize = 1, IntermediateSize = 1, Layers = 1, Heads = 1, KeyValueHeads = 1, HeadSize = 2, VocabularySize = 2, ContextLength = 5,
        },
        ["beyond one block of everything"] = basis with
        {
            HiddenSize = 67, IntermediateSize = 131, Layers = 1, Heads = 4, KeyValueHeads = 2, HeadSize = 18, VocabularySize = 523,
            ContextLength = 101,
        },
    };

    /// <summary>Weights without a 0 or a 1 in them, of such size that the model prefers some tokens clearly.</summary>
    public static ModelWeights Weights(string name, ulong seed = 1)
    {
        ModelConfig config = Configs[name];
        ModelWeights weights = ModelWeights.Initialize(config, seed, 1);
        foreach (WeightTensor tensor in weights.Tensors)
        {
            ulong own = CounterRandom.Derive(seed, name + tensor.Name);
            bool table = tensor.Name == "model.embed_tokens.weight";
            for (int i = 0; i < tensor.Data.Length; i++)
            {
                double normal = CounterRandom.Normal(own, (ulong)i);
                tensor.Data[i] = (float)(tensor.Shape.Length == 2 ? normal / Math.Sqrt(table ? 4 : tensor.Shape[1])
                    : tensor.Name.EndsWith("bias", StringComparison.Ordinal) ? 0.3 * normal : 1 + (0.3 * normal));
            }
        }

        return weights;
    }

    /// <summary>Random token ids.</summary>
    public static int[] Tokens(ModelConfig config, ulong seed, int length) =>
        [.. Enumerable.Range(0, length).Select(i => CounterRandom.Integer(seed, (ulong)i, config.VocabularySize))];

    /// <summary>Ragged sequences, an even number: one as long as the context, one with an empty completion, one of a single token, two that share a
    /// prompt.</summary>
    public static IReadOnlyList<TokenSequence> Ragged(ModelConfig config, ulong seed)
    {
        int most = config.ContextLength;
        int[] whole = Tokens(config, seed, most);
        int[] other = [.. whole[..(most / 2)], .. Tokens(config, seed + 1, 2)];
        return
        [
            new TokenSequence(whole, most / 2),
            new TokenSequence(other, most / 2),
            new TokenSequence(Tokens(config, seed + 2, 1), 1),
            new TokenSequence(Tokens(config, seed + 3, 3), 3),
            new TokenSequence(Tokens(config, seed + 4, 2), 1),
            new TokenSequence(Tokens(config, seed + 5, most - 1), 1),
        ];
    }
}
