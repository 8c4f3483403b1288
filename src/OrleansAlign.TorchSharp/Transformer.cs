using OrleansAlign.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>The transformer's blocks, over rows of any sequences: N tokens without padding.</summary>
/// <remarks>Norms are computed in float32 whatever the weights' type, as in Hugging Face's models.</remarks>
internal sealed class Transformer(ParameterSet parameters)
{
    private readonly ModelConfig config = parameters.Config;

    /// <summary>[N] tokens → [N, C].</summary>
    public Tensor Embed(Tensor tokens) => parameters.Embedding.Compute.index_select(0, tokens);

    /// <summary>One block, [N, C] → [N, C].</summary>
    /// <param name="index">The block.</param>
    /// <param name="x">The residual stream.</param>
    /// <param name="attention">The attention between the rows.</param>
    /// <param name="rotary">Cosines and sines of each row's position.</param>
    /// <param name="dropout">The dropout masks; null if dropout is off.</param>
    public Tensor Layer(int index, Tensor x, IRowAttention attention, (Tensor Cosines, Tensor Sines) rotary, DropoutMasks? dropout)
    {
        using DisposeScope scope = NewDisposeScope();
        LayerParameters p = parameters.Layers[index];
        long n = x.shape[0], size = config.HeadSize, queryWidth = config.Heads * size, keyWidth = config.KeyValueHeads * size;
        Tensor mixed = nn.functional.linear(Normalize(x, p.InputNorm), p.QueryKeyValue.Compute, p.QueryKeyValueBias?.Compute);
        Tensor queries = mixed.narrow(1, 0, queryWidth).reshape(n, config.Heads, size);
        Tensor keys = mixed.narrow(1, queryWidth, keyWidth).reshape(n, config.KeyValueHeads, size);
        Tensor values = mixed.narrow(1, queryWidth + keyWidth, keyWidth).reshape(n, config.KeyValueHeads, size);
        if (p.QueryNorm is not null) queries = Normalize(queries, p.QueryNorm);
        if (p.KeyNorm is not null) keys = Normalize(keys, p.KeyNorm);
        queries = RotaryTensors.Rotate(queries, rotary.Cosines, rotary.Sines);
        keys = RotaryTensors.Rotate(keys, rotary.Cosines, rotary.Sines);
        Tensor attended = nn.functional.linear(attention.Attend(index, queries, keys, values), p.Output.Compute, p.OutputBias?.Compute);
        Tensor middle = x.Plus(dropout is null ? attended : attended.mul(dropout.Of(index, 0)));

        Tensor gateUp = nn.functional.linear(Normalize(middle, p.PostNorm), p.GateUp.Compute);
        Tensor gated = nn.functional.silu(gateUp.narrow(1, 0, config.IntermediateSize)).mul(gateUp.narrow(1, config.IntermediateSize, config.IntermediateSize));
        Tensor wide = nn.functional.linear(gated, p.Down.Compute);
        return scope.MoveToOuter(middle.Plus(dropout is null ? wide : wide.mul(dropout.Of(index, 1))));
    }

    /// <summary>The norm before the head.</summary>
    public Tensor FinalNorm(Tensor x) => Normalize(x, parameters.FinalNorm);

    /// <summary>Embedding and all blocks, without a graph.</summary>
    public Tensor Forward(Tensor tokens, IRowAttention attention, (Tensor Cosines, Tensor Sines) rotary, CancellationToken cancel)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Embed(tokens);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            cancel.ThrowIfCancellationRequested();
            using Tensor input = x;
            x = Layer(layer, input, attention, rotary, null);
        }

        return scope.MoveToOuter(x);
    }

    // w · x / √(mean x² + ε) over the last dimension.
    private Tensor Normalize(Tensor x, ParameterTensor weight)
    {
        Tensor wide = x.to(ScalarType.Float32);
        Tensor scale = wide.mul(wide).mean([-1L], true).Plus(config.NormEpsilon).rsqrt();
        return wide.mul(scale).to(parameters.Type).mul(weight.Compute);
    }
}
