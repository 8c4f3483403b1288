using System.Runtime.CompilerServices;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>The gradient of log-probs with respect to the normalised rows and the output head; logits are recomputed a slab of rows at a time.</summary>
/// <remarks>∂ log p(target) / ∂ logit v = [v = target] − p(v).</remarks>
internal sealed unsafe class VocabularyGradient<V>(Parameters parameters, Shape shape, WorkerPool pool) : IDisposable
    where V : struct, ISimd<V>
{
    /// <summary>A multiple of 32 for the head's panels and of 96 for the token panels.</summary>
    private const int BlockIds = 480;
    private const int BlockRows = 96;

    /// <summary>Floats of logits held at once; bounds memory, not results.</summary>
    private const long SlabFloats = 1L << 24;

    private readonly FloatBuffer slab = new(), left = new(), right = new();

    /// <summary>Adds the head's gradient and writes that of the rows.</summary>
    /// <param name="hidden">Normalised rows, [rows, C].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="targets">The scored id of each row.</param>
    /// <param name="logPartition">log Σ exp of each row.</param>
    /// <param name="gradients">∂loss/∂log-prob of each row.</param>
    /// <param name="dHidden">Receives [rows, C].</param>
    /// <param name="dHead">The head's gradient, added to.</param>
    public void Run(float* hidden, int rows, int[] targets, double[] logPartition, float[] gradients, float* dHidden, float* dHead)
    {
        int vocabulary = shape.VocabularyStride, stride = shape.HiddenStride;
        int slabRows = (int)Math.Clamp(SlabFloats / vocabulary, BlockRows, 2048);
        slabRows = Math.Min(slabRows, rows);
        float* dLogits = slab.Ensure((long)slabRows * vocabulary), dLeft = left.Ensure((long)slabRows * vocabulary);
        float* xRight = right.Ensure((long)slabRows * stride);
        Panels forward = parameters.Forward(parameters.Head), backward = parameters.Backward(parameters.Head);
        int idBlocks = (vocabulary + BlockIds - 1) / BlockIds;
        for (int start = 0; start < rows; start += slabRows)
        {
            int first = start, count = Math.Min(slabRows, rows - start), rowBlocks = (count + BlockRows - 1) / BlockRows;
            pool.Run(rowBlocks * idBlocks, (task, _) =>
            {
                int row = task % rowBlocks * BlockRows, id = task / rowBlocks * BlockIds;
                int blockRows = Math.Min(BlockRows, count - row), ids = Math.Min(BlockIds, vocabulary - id);
                Panels part = forward with { Data = forward.Data + (id / 32 * forward.PanelStride * sizeof(float)) };
                float* tile = dLogits + ((long)row * vocabulary) + id;
                Gemm<V>.Multiply(blockRows, ids, shape.Hidden, hidden + ((long)(first + row) * stride), stride, 1, part, tile, vocabulary, false);
                for (int r = 0; r < blockRows; r++)
                {
                    int index = first + row + r;
                    float* line = tile + ((long)r * vocabulary);
                    NegativeProbabilities(line, ids, (float)logPartition[index], gradients[index]);
                    for (int v = parameters.Config.VocabularySize - id; v < ids; v++) line[v] = 0;
                    int target = targets[index] - id;
                    if (target >= 0 && target < ids) line[target] += gradients[index];
                }

                TokenPanels.Store(tile, vocabulary, blockRows, ids, TokenPanels.Left, dLeft + ((long)id * count), count, row);
                if (id == 0) TokenPanels.Store(hidden + ((long)(first + row) * stride), stride, blockRows, stride, TokenPanels.Right, xRight, count, row);
            });
            Gemm<V>.Multiply(pool, count, stride, vocabulary, dLogits, vocabulary, 1, backward, dHidden + ((long)first * stride), stride, false);
            pool.Run(
                Gemm<V>.OverTokensTasks(vocabulary, stride),
                (task, _) => Gemm<V>.OverTokens(task, vocabulary, stride, count, dLeft, xRight, dHead, stride));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        slab.Dispose();
        left.Dispose();
        right.Dispose();
    }

    // x = −e^(x − logPartition) · gradient
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NegativeProbabilities(float* x, int count, float logPartition, float gradient)
    {
        V shift = V.Create(logPartition), factor = V.Create(-gradient);
        for (int i = 0; i < count; i += V.Count) V.Store(VectorMath<V>.Exp(V.Load(x + i) - shift) * factor, x + i);
    }
}
