using OrleansAlign.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>The place of one of the model's weights: rows of a <see cref="ParameterTensor"/>.</summary>
internal sealed record WeightSlot(string Name, int[] Shape, ParameterTensor Tensor, long Row)
{
    /// <summary>This weight's part of a tensor with the layout of <see cref="Tensor"/>.</summary>
    public Tensor Of(Tensor whole) => whole.narrow(0, Row, Shape[0]);
}

/// <summary>A block's weights; q, k and v are one matrix, and gate and up are one.</summary>
internal sealed record LayerParameters(
    ParameterTensor InputNorm, ParameterTensor QueryKeyValue, ParameterTensor? QueryKeyValueBias, ParameterTensor? QueryNorm, ParameterTensor? KeyNorm,
    ParameterTensor Output, ParameterTensor? OutputBias, ParameterTensor PostNorm, ParameterTensor GateUp, ParameterTensor Down)
{
    /// <summary>The block's tensors that are not null.</summary>
    public ParameterTensor[] All { get; } =
    [
        .. ((ParameterTensor?[])[InputNorm, QueryKeyValue, QueryKeyValueBias, QueryNorm, KeyNorm, Output, OutputBias, PostNorm, GateUp, Down])
            .OfType<ParameterTensor>(),
    ];
}

/// <summary>All weights on a device.</summary>
internal sealed class ParameterSet : IDisposable
{
    public ParameterSet(ModelWeights weights, Device device, ScalarType type)
    {
        Config = weights.Config;
        Device = device;
        Type = type;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        Dictionary<string, long> rows = [];
        foreach (WeightTensor tensor in weights.Tensors) rows[Stack(tensor.Name)] = rows.GetValueOrDefault(Stack(tensor.Name)) + tensor.Shape[0];
        Dictionary<string, ParameterTensor> stacks = [];
        Dictionary<string, long> filled = [];
        List<WeightSlot> slots = [];
        foreach (WeightTensor weight in weights.Tensors)
        {
            string stack = Stack(weight.Name);
            if (!stacks.TryGetValue(stack, out ParameterTensor? tensor))
            {
                long[] shape = weight.Shape.Length > 1 ? [rows[stack], weight.Shape[1]] : [rows[stack]];
                stacks.Add(stack, tensor = new ParameterTensor(shape, device, type));
            }

            var slot = new WeightSlot(weight.Name, weight.Shape, tensor, filled.GetValueOrDefault(stack));
            HostMemory.Upload(weight.Data, slot.Of(tensor.Master));
            filled[stack] = slot.Row + weight.Shape[0];
            slots.Add(slot);
        }

        foreach (ParameterTensor tensor in stacks.Values)
        {
            tensor.Publish();
            tensor.Compute.requires_grad_(true);
        }

        Slots = slots;
        All = [.. stacks.Values];
        Embedding = stacks["model.embed_tokens.weight"];
        FinalNorm = stacks["model.norm.weight"];
        Head = Config.TiedEmbeddings ? Embedding : stacks["lm_head.weight"];
        Layers = [.. Enumerable.Range(0, Config.Layers).Select(l => Layer(stacks, $"model.layers.{l}."))];
    }

    public ModelConfig Config { get; }

    public Device Device { get; }

    /// <summary>The type of the computation.</summary>
    public ScalarType Type { get; }

    /// <summary>Every weight, in the model's order.</summary>
    public IReadOnlyList<WeightSlot> Slots { get; }

    /// <summary>Every tensor once.</summary>
    public IReadOnlyList<ParameterTensor> All { get; }

    public ParameterTensor Embedding { get; }

    public ParameterTensor FinalNorm { get; }

    /// <summary>The output head; the embedding where they are tied.</summary>
    public ParameterTensor Head { get; }

    public IReadOnlyList<LayerParameters> Layers { get; }

    /// <summary>The values that <paramref name="of"/> names, per weight.</summary>
    public List<WeightTensor> Export(Func<ParameterTensor, Tensor> of)
    {
        using DisposeScope scope = NewDisposeScope();
        return [.. Slots.Select(s => new WeightTensor(s.Name, s.Shape, HostMemory.Download(s.Of(of(s.Tensor)))))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ParameterTensor tensor in All) tensor.Dispose();
    }

    private static LayerParameters Layer(Dictionary<string, ParameterTensor> stacks, string prefix)
    {
        ParameterTensor Get(string name) => stacks[prefix + name];
        ParameterTensor? Find(string name) => stacks.GetValueOrDefault(prefix + name);
        return new LayerParameters(
            Get("input_layernorm.weight"), Get("self_attn.qkv_proj.weight"), Find("self_attn.qkv_proj.bias"), Find("self_attn.q_norm.weight"),
            Find("self_attn.k_norm.weight"), Get("self_attn.o_proj.weight"), Find("self_attn.o_proj.bias"), Get("post_attention_layernorm.weight"),
            Get("mlp.gate_up_proj.weight"), Get("mlp.down_proj.weight"));
    }

    // The model's order is q, k, v and gate, up within a layer, so that a stack's rows are in that order too.
    private static string Stack(string name)
    {
        foreach (string part in (string[])["q_proj", "k_proj", "v_proj"])
        {
            name = name.Replace($"self_attn.{part}.", "self_attn.qkv_proj.", StringComparison.Ordinal);
        }
        foreach (string part in (string[])["gate_proj", "up_proj"]) name = name.Replace($"mlp.{part}.", "mlp.gate_up_proj.", StringComparison.Ordinal);
        return name;
    }
}
