using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>Forward and backward pass of a part of a batch, block by block.</summary>
/// <remarks>
/// Each block is its own graph between two detached tensors, so that its memory is freed as soon as its backward pass is done. With recomputation, only
/// the blocks' inputs are kept, and a block's graph exists during its backward pass only. Gradients are added in float32 over the parts of a batch.
/// </remarks>
internal sealed class BackwardPass : IDisposable
{
    private readonly ParameterSet parameters;
    private readonly EngineSettings settings;
    private readonly Transformer transformer;
    private readonly VocabularyHead head;
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly PackedRows packed;
    private readonly ScoredRows scored;
    private readonly PackedAttention attention;
    private readonly (Tensor Cosines, Tensor Sines) rotary;
    private readonly DropoutMasks? dropout;

    // inputs[l] is block l's input, a leaf; outputs[l] its output with its graph, where graphs are kept; the last input is the last block's output.
    private readonly Tensor[] inputs;
    private readonly Tensor?[] outputs;
    private Tensor? partition;
    private Tensor? normed;

    /// <summary>Opens a dispose scope, which <see cref="Dispose"/> closes.</summary>
    public BackwardPass(
        ParameterSet parameters, EngineSettings settings, Transformer transformer, RotaryTensors table, VocabularyHead head, TrainingBatch batch,
        IReadOnlyList<int> members, double dropoutProbability)
    {
        (this.parameters, this.settings, this.transformer, this.head) = (parameters, settings, transformer, head);
        ModelConfig config = parameters.Config;
        int[][] tokens = [.. members.Select(i => batch.Sequences[i].Tokens)];
        packed = new PackedRows([.. tokens.Select(t => new ArraySegment<int>(t, 0, t.Length - 1))], settings.Device);
        scored = new ScoredRows(members, batch.Sequences, packed, settings.Device);
        attention = new PackedAttention(packed, config, settings);
        rotary = table.At(packed.Positions, packed.End);
        inputs = new Tensor[config.Layers + 1];
        outputs = new Tensor?[config.Layers];
        if (dropoutProbability == 0) return;
        int[] sequences = [.. members.SelectMany(i => Enumerable.Repeat(i, batch.Sequences[i].Tokens.Length - 1))];
        dropout = new DropoutMasks(batch.DropoutSeed, dropoutProbability, sequences, packed.HostPositions, config.HiddenSize, settings);
    }

    /// <summary>Log-probs of the sequences' scored tokens, into their rows of <paramref name="logProbs"/>.</summary>
    /// <param name="logProbs">Per sequence of the batch.</param>
    /// <param name="keep">Whether a backward pass follows.</param>
    /// <param name="cancel">Stops between blocks.</param>
    public void Forward(float[][] logProbs, bool keep, CancellationToken cancel)
    {
        Tensor x;
        using (no_grad()) x = transformer.Embed(packed.Tokens);
        for (int layer = 0; layer < outputs.Length; layer++)
        {
            cancel.ThrowIfCancellationRequested();
            if (keep && !settings.Recompute)
            {
                inputs[layer] = x.detach().requires_grad_(true);
                outputs[layer] = transformer.Layer(layer, inputs[layer], attention, rotary, dropout);
                x = outputs[layer]!.detach();
            }
            else
            {
                using IDisposable still = no_grad();
                if (keep) inputs[layer] = x;
                Tensor input = x;
                x = transformer.Layer(layer, input, attention, rotary, dropout);
                if (!keep) input.Dispose();
            }
        }

        using IDisposable quiet = no_grad();
        inputs[^1] = x;
        normed = transformer.FinalNorm(x.index_select(0, scored.Rows));
        (Tensor values, partition) = head.Score(normed, scored.Targets, cancel);
        scored.Scatter(HostMemory.Download(values), logProbs);
    }

    /// <summary>Adds every weight's gradient, given ∂loss/∂log-prob.</summary>
    public void Backward(float[][] slopes, CancellationToken cancel)
    {
        Tensor d;
        using (no_grad()) d = head.Backward(normed!, scored.Targets, partition!, tensor(scored.Collect(slopes), device: settings.Device), cancel);
        d = Send(inputs[^1], x => transformer.FinalNorm(x.index_select(0, scored.Rows)), null, [parameters.FinalNorm], d);
        for (int layer = outputs.Length - 1; layer >= 0; layer--)
        {
            cancel.ThrowIfCancellationRequested();
            int index = layer;
            d = Send(inputs[layer], x => transformer.Layer(index, x, attention, rotary, dropout), outputs[layer], parameters.Layers[layer].All, d);
            inputs[layer].Dispose();
            outputs[layer]?.Dispose();
        }

        // Rows of one token are added in a fixed order, in float32.
        using IDisposable still = no_grad();
        parameters.Embedding.Gradient!.index_put_(d.to(ScalarType.Float32), [packed.Tokens], accumulate: true);
    }

    /// <inheritdoc/>
    public void Dispose() => scope.Dispose();

    // Backward pass of one function of its input and some weights; the weights' gradients are added to their tensors.
    private static Tensor Send(Tensor input, Func<Tensor, Tensor> function, Tensor? output, ParameterTensor[] weights, Tensor d)
    {
        using DisposeScope inner = NewDisposeScope();
        Tensor leaf = input;
        if (output is null)
        {
            using IDisposable graph = set_grad_enabled(true);
            leaf = input.detach().requires_grad_(true);
            output = function(leaf);
        }

        IList<Tensor> gradients = autograd.grad([output], [leaf, .. weights.Select(w => w.Compute)], [d]);
        using IDisposable still = no_grad();
        for (int i = 0; i < weights.Length; i++) weights[i].Accumulate(gradients[i + 1]);
        d.Dispose();
        return inner.MoveToOuter(gradients[0]);
    }
}
