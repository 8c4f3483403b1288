namespace OrleansAlign.Models.Checkpoints;

/// <summary>The decoder-only architectures that are read, by their <c>model_type</c>.</summary>
public enum Architecture
{
    /// <summary>Llama 2 and 3: no biases (unless the file says so), no q/k norm.</summary>
    Llama,

    /// <summary>Mistral: as Llama, with a sliding window in its first version.</summary>
    Mistral,

    /// <summary>Qwen 2 and 2.5: biases on q, k and v.</summary>
    Qwen2,

    /// <summary>Qwen 3: RMS norm on each head of q and k.</summary>
    Qwen3,
}

/// <summary>How rotary frequencies are stretched beyond the context trained on.</summary>
public enum RopeScaling
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Every frequency divided by the factor.</summary>
    Linear,

    /// <summary>Llama 3.1's rule: low frequencies divided, high ones kept, a smooth passage between.</summary>
    Llama3,

    /// <summary>YaRN (Peng et al., 2309.00071): by wavelength from divided to kept, and cosines and sines multiplied by a factor.</summary>
    Yarn,

    /// <summary>Dynamic NTK: a larger base, as the whole context needs it.</summary>
    Dynamic,

    /// <summary>LongRoPE (Ding et al., 2402.13753): each frequency divided by its own factor.</summary>
    LongRope,
}

/// <summary>A model's sizes, as <c>config.json</c> has them.</summary>
public sealed record ModelConfig
{
    /// <summary>The family.</summary>
    public required Architecture Architecture { get; init; }

    /// <summary>Width of the residual stream, C.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the gated MLP, I.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of blocks, L.</summary>
    public required int Layers { get; init; }

    /// <summary>Number of query heads, H.</summary>
    public required int Heads { get; init; }

    /// <summary>Number of key/value heads; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of a head, D; even. Usually C / H.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Number of token ids, V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Longest sequence, in tokens.</summary>
    public required int ContextLength { get; init; }

    /// <summary>ε of the RMS norms. Default 1e-5.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Base of the rotary frequencies. Default 10000.</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>How frequencies are stretched.</summary>
    public RopeScaling RopeScaling { get; init; }

    /// <summary>The stretching factor.</summary>
    public double RopeFactor { get; init; } = 1;

    /// <summary>llama3 scaling: wavelengths above context / this are divided. Default 1.</summary>
    public double RopeLowFrequencyFactor { get; init; } = 1;

    /// <summary>llama3 scaling: wavelengths below context / this are kept. Default 4.</summary>
    public double RopeHighFrequencyFactor { get; init; } = 4;

    /// <summary>The context that was trained on before it was stretched; without meaning for linear scaling.</summary>
    public int RopeOriginalContext { get; init; } = 8192;

    /// <summary>By what cosines and sines are multiplied, which sharpens attention by its square. Default 1.</summary>
    public double RopeAttentionFactor { get; init; } = 1;

    /// <summary>yarn scaling: frequencies of more turns than this within the original context are kept. Default 32.</summary>
    public double RopeBetaFast { get; init; } = 32;

    /// <summary>yarn scaling: frequencies of fewer turns than this within the original context are divided. Default 1.</summary>
    public double RopeBetaSlow { get; init; } = 1;

    /// <summary>yarn scaling: whether the bounds between kept and divided frequencies are rounded outwards to whole frequencies. Default true.</summary>
    public bool RopeTruncates { get; init; } = true;

    /// <summary>longrope scaling: a divisor for each of the D / 2 frequencies of a model whose context is not longer than the original one.</summary>
    public IReadOnlyList<double> RopeShortFactors { get; init; } = [];

    /// <summary>longrope scaling: the divisors of a model whose context is longer than the original one.</summary>
    public IReadOnlyList<double> RopeLongFactors { get; init; } = [];

    /// <summary>Most tokens that a token of a windowed layer sees, itself included; null if all layers see the whole context.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Which layers have the window; empty: all, if there is one.</summary>
    public IReadOnlyList<bool> WindowedLayers { get; init; } = [];

    /// <summary>Tokens that a token of a layer sees, itself included; the whole context without a window.</summary>
    public int Window(int layer) => SlidingWindow is { } window && (WindowedLayers.Count == 0 || WindowedLayers[layer]) ? window : int.MaxValue;

    /// <summary>Whether the output head is the embedding.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Whether q, k and v have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the attention's output projection has a bias (Llama with <c>attention_bias</c>).</summary>
    public bool OutputBias { get; init; }

    /// <summary>Whether each head of q and k is RMS-normalised (Qwen 3).</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Id that begins a text, if the model has one.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Ids that end a text; several in Llama 3.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Number of weights.</summary>
    public long ParameterCount => TensorShapes().Sum(t => t.Shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>Every weight tensor's Hugging Face name and shape, in the one order that weights, gradients, moments and hashes use.</summary>
    public IEnumerable<(string Name, int[] Shape)> TensorShapes()
    {
        int q = Heads * HeadSize, kv = KeyValueHeads * HeadSize;
        yield return ("model.embed_tokens.weight", [VocabularySize, HiddenSize]);
        for (int layer = 0; layer < Layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            yield return (prefix + "input_layernorm.weight", [HiddenSize]);
            yield return (prefix + "self_attn.q_proj.weight", [q, HiddenSize]);
            yield return (prefix + "self_attn.k_proj.weight", [kv, HiddenSize]);
            yield return (prefix + "self_attn.v_proj.weight", [kv, HiddenSize]);
            if (QueryKeyValueBias)
            {
                yield return (prefix + "self_attn.q_proj.bias", [q]);
                yield return (prefix + "self_attn.k_proj.bias", [kv]);
                yield return (prefix + "self_attn.v_proj.bias", [kv]);
            }

            if (QueryKeyNorm)
            {
                yield return (prefix + "self_attn.q_norm.weight", [HeadSize]);
                yield return (prefix + "self_attn.k_norm.weight", [HeadSize]);
            }

            yield return (prefix + "self_attn.o_proj.weight", [HiddenSize, q]);
            if (OutputBias) yield return (prefix + "self_attn.o_proj.bias", [HiddenSize]);
            yield return (prefix + "post_attention_layernorm.weight", [HiddenSize]);
            yield return (prefix + "mlp.gate_proj.weight", [IntermediateSize, HiddenSize]);
            yield return (prefix + "mlp.up_proj.weight", [IntermediateSize, HiddenSize]);
            yield return (prefix + "mlp.down_proj.weight", [HiddenSize, IntermediateSize]);
        }

        yield return ("model.norm.weight", [HiddenSize]);
        if (!TiedEmbeddings) yield return ("lm_head.weight", [VocabularySize, HiddenSize]);
    }
}
