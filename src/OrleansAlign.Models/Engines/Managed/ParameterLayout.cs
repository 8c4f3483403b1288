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
internal sealed record LayerSlots
{
    public required TensorSlot InputNorm { get; init; }

    public required TensorSlot Query { get; init; }

    public required TensorSlot Key { get; init; }

    public required TensorSlot Value { get; init; }

    public TensorSlot? QueryBias { get; init; }

    public TensorSlot? KeyBias { get; init; }

    public TensorSlot? ValueBias { get; init; }

    public TensorSlot? QueryNorm { get; init; }

    public TensorSlot? KeyNorm { get; init; }

    public required TensorSlot Output { get; init; }

    public TensorSlot? OutputBias { get; init; }

    public required TensorSlot PostNorm { get; init; }

    public required TensorSlot Gate { get; init; }

    public required TensorSlot Up { get; init; }

    public required TensorSlot Down { get; init; }
}

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
        Layers = new LayerSlots[config.Layers];
        for (int i = 0; i < config.Layers; i++)
        {
            string prefix = $"model.layers.{i}.";
            Layers[i] = new LayerSlots
            {
                InputNorm = byName[prefix + "input_layernorm.weight"],
                Query = byName[prefix + "self_attn.q_proj.weight"],
                Key = byName[prefix + "self_attn.k_proj.weight"],
                Value = byName[prefix + "self_attn.v_proj.weight"],
                QueryBias = byName.GetValueOrDefault(prefix + "self_attn.q_proj.bias"),
                KeyBias = byName.GetValueOrDefault(prefix + "self_attn.k_proj.bias"),
                ValueBias = byName.GetValueOrDefault(prefix + "self_attn.v_proj.bias"),
                QueryNorm = byName.GetValueOrDefault(prefix + "self_attn.q_norm.weight"),
                KeyNorm = byName.GetValueOrDefault(prefix + "self_attn.k_norm.weight"),
                Output = byName[prefix + "self_attn.o_proj.weight"],
                OutputBias = byName.GetValueOrDefault(prefix + "self_attn.o_proj.bias"),
                PostNorm = byName[prefix + "post_attention_layernorm.weight"],
                Gate = byName[prefix + "mlp.gate_proj.weight"],
                Up = byName[prefix + "mlp.up_proj.weight"],
                Down = byName[prefix + "mlp.down_proj.weight"],
            };
        }
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
