using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>A model's sizes as its matrices are stored: rows padded to multiples of 32 floats with zeros.</summary>
internal sealed class Shape(ModelConfig config)
{
    /// <summary>C, the residual stream.</summary>
    public int Hidden { get; } = config.HiddenSize;

    /// <summary>Floats per row of the residual stream.</summary>
    public int HiddenStride { get; } = ParameterLayout.Pad(config.HiddenSize);

    /// <summary>Floats of all query heads, padded: also the attention's output row.</summary>
    public int QueryStride { get; } = ParameterLayout.Pad(config.Heads * config.HeadSize);

    /// <summary>Floats of all key heads, padded.</summary>
    public int KeyStride { get; } = ParameterLayout.Pad(config.KeyValueHeads * config.HeadSize);

    /// <summary>Floats per row of [q | k | v].</summary>
    public int QueryKeyValueStride => QueryStride + (2 * KeyStride);

    /// <summary>Floats per row of the MLP's hidden layer.</summary>
    public int IntermediateStride { get; } = ParameterLayout.Pad(config.IntermediateSize);

    /// <summary>Floats per row of [gate | up].</summary>
    public int GateUpStride => 2 * IntermediateStride;

    /// <summary>Floats per row of logits.</summary>
    public int VocabularyStride { get; } = ParameterLayout.Pad(config.VocabularySize);

    /// <summary>H, query heads.</summary>
    public int Heads { get; } = config.Heads;

    /// <summary>Key/value heads.</summary>
    public int KeyValueHeads { get; } = config.KeyValueHeads;

    /// <summary>Query heads per key/value head.</summary>
    public int Group { get; } = config.Heads / config.KeyValueHeads;

    /// <summary>D.</summary>
    public int HeadSize { get; } = config.HeadSize;

    /// <summary>D padded to 16 floats.</summary>
    public int HeadStride { get; } = (config.HeadSize + 15) / 16 * 16;

    /// <summary>The first key that a token at <paramref name="position"/> of a layer sees.</summary>
    public int FirstKey(int layer, int position) => Math.Max(0, position - Window(layer) + 1);

    /// <summary>Tokens that a token of a layer sees, itself included.</summary>
    public int Window(int layer) => config.Window(layer);

    /// <summary>1 / √D, the attention's scale.</summary>
    public float AttentionScale { get; } = (float)(1 / Math.Sqrt(config.HeadSize));
}
