using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>The place of one weight tensor in the padded buffers of weights, gradients and moments.</summary>
/// <param name="Index">Its place in the model's tensor order.</param>
/// <param name="Name">Its Hugging Face name.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Rows">Rows; 1 for a vector.</param>
/// <param name="Columns">Columns.</param>
/// <param name="PaddedRows">Rows as stored: a multiple of 32 for matrices, the added ones zero.</param>
/// <param name="Stride">Floats per row as stored: a multiple of 32, the added ones zero.</param>
/// <param name="Offset">First float.</param>
internal sealed record TensorSlot(int Index, string Name, int[] Shape, int Rows, int Columns, int PaddedRows, int Stride, long Offset)
{
    public bool IsMatrix => Shape.Length > 1;

    public long PaddedLength => (long)PaddedRows * Stride;
}

/// <summary>The tensors of one block.</summary>
internal sealed record LayerSlots(
    TensorSlot InputNorm, TensorSlot Query, TensorSlot Key, TensorSlot Value, TensorSlot? QueryBias, TensorSlot? KeyBias, TensorSlot? ValueBias,
    TensorSlot? QueryNorm, TensorSlot? KeyNorm, TensorSlot Output, TensorSlot? OutputBias, TensorSlot PostNorm, TensorSlot Gate, TensorSlot Up,
    TensorSlot Down);

/// <summary>
/// The padded layout of a model's tensors: one buffer, in the model's order, with q, k, v and gate, up adjacent so that each group is one matrix.
/// </summary>
internal sealed class ParameterLayout
{
    public ParameterLayout(ModelConfig config)
    {
        List<TensorSlot> slots = [];
        long offset = 0;
        foreach ((string name, int[] shape) in config.TensorShapes())
        {
            bool matrix = shape.Length > 1;
            int rows = matrix ? shape[0] : 1, columns = shape[^1];
            var slot = new TensorSlot(slots.Count, name, shape, rows, columns, matrix ? Pad(rows) : 1, Pad(columns), offset);
            offset += slot.PaddedLength;
            slots.Add(slot);
        }

        Slots = slots;
        Length = offset;
        Dictionary<string, TensorSlot> byName = slots.ToDictionary(s => s.Name);
        Embedding = byName["model.embed_tokens.weight"];
        FinalNorm = byName["model.norm.weight"];
        Head = config.TiedEmbeddings ? Embedding : byName["lm_head.weight"];
        Layers = [.. Enumerable.Range(0, config.Layers).Select(layer =>
        {
            TensorSlot Get(string name) => byName[$"model.layers.{layer}.{name}.weight"];
            TensorSlot? Find(string name) => byName.GetValueOrDefault($"model.layers.{layer}.{name}");
            return new LayerSlots(
                Get("input_layernorm"), Get("self_attn.q_proj"), Get("self_attn.k_proj"), Get("self_attn.v_proj"),
                Find("self_attn.q_proj.bias"), Find("self_attn.k_proj.bias"), Find("self_attn.v_proj.bias"),
                Find("self_attn.q_norm.weight"), Find("self_attn.k_norm.weight"), Get("self_attn.o_proj"), Find("self_attn.o_proj.bias"),
                Get("post_attention_layernorm"), Get("mlp.gate_proj"), Get("mlp.up_proj"), Get("mlp.down_proj"));
        })];
    }

    public IReadOnlyList<TensorSlot> Slots { get; }

    /// <summary>Floats of the whole buffer.</summary>
    public long Length { get; }

    public TensorSlot Embedding { get; }

    public TensorSlot FinalNorm { get; }

    /// <summary>The output head: the embedding itself if they are tied.</summary>
    public TensorSlot Head { get; }

    public LayerSlots[] Layers { get; }

    /// <summary>The next multiple of 32: the width of a panel.</summary>
    public static int Pad(int size) => (size + 31) / 32 * 32;
}
