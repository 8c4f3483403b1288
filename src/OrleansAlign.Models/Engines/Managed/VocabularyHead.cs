using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Final norm, output head and log-softmax, by tiles of rows and vocabulary: all logits exist only where they are requested.</summary>
/// <remarks>
/// log Σ exp is taken per block of 512 ids (maximum, then sixteen-lane sum) and the blocks are joined in ascending order in double, so that it
/// is the same whether the logits are kept (sampling) or not (scoring, training).
/// </remarks>
internal sealed unsafe class VocabularyHead<V>(Parameters parameters, Shape shape, WorkerPool pool) : IDisposable
    where V : struct, ISimd<V>
{
    private const int BlockIds = 512;
    private const int BlockRows = 96;

    private readonly float epsilon = (float)parameters.Config.NormEpsilon;
    private readonly int vocabulary = parameters.Config.VocabularySize, blocks = (shape.VocabularyStride + BlockIds - 1) / BlockIds;
    private readonly FloatBuffer normed = new(), partial = new();
    private readonly FloatBuffer[] tiles = [.. Enumerable.Range(0, pool.Threads).Select(_ => new FloatBuffer())];

    /// <summary>Gathers rows of the residual stream and normalises them: [rows.Count, C], valid until the next call.</summary>
    public float* Normalize(float* residual, IReadOnlyList<int> rows)
    {
        int stride = shape.HiddenStride;
        float* target = normed.Ensure((long)rows.Count * stride), weight = parameters[parameters.Layout.FinalNorm];
        void Part(int first, int end)
        {
            for (int i = first; i < end; i++)
            {
                RmsNorm<V>.Forward(residual + ((long)rows[i] * stride), weight, target + ((long)i * stride), shape.Hidden, stride, epsilon);
            }
        }

        if (rows.Count <= 256) Part(0, rows.Count);
        else pool.Run((rows.Count + 127) / 128, (task, _) => Part(task * 128, Math.Min(rows.Count, (task + 1) * 128)));
        return target;
    }

    /// <summary>Whether the head's weights fit into a core's own cache, so that every thread may read them all.</summary>
    public bool SmallWeights => (long)shape.HiddenStride * shape.VocabularyStride * sizeof(float) <= 1 << 20;

    /// <summary>
    /// Norm, logits and log Σ exp of consecutive rows on the calling thread, the same bits as from <see cref="Normalize"/> and <see cref="Score"/>.
    /// </summary>
    /// <param name="residual">[count, C], the last layer's output.</param>
    /// <param name="count">Rows.</param>
    /// <param name="logPartition">Receives log Σ exp per row.</param>
    /// <param name="worker">The calling thread's number.</param>
    /// <returns>Logits [count, padded vocabulary], valid until the thread's next call.</returns>
    public float* ScoreRows(float* residual, int count, Span<double> logPartition, int worker)
    {
        int stride = shape.HiddenStride;
        float* rows = tiles[worker].Ensure(count * ((long)stride + shape.VocabularyStride + (2 * blocks)));
        float* logits = rows + ((long)count * stride), statistics = logits + ((long)count * shape.VocabularyStride);
        float* weight = parameters[parameters.Layout.FinalNorm];
        for (int r = 0; r < count; r++) RmsNorm<V>.Forward(residual + (r * stride), weight, rows + (r * stride), shape.Hidden, stride, epsilon);
        for (int block = 0; block < blocks; block++) ScoreTile(rows, 0, count, block, [], [], logits, null, statistics);
        for (int r = 0; r < count; r++) logPartition[r] = Join(statistics + (r * blocks * 2), blocks);
        return logits;
    }

    /// <summary>log Σ exp of each row's logits and, on request, the targets' logits or all logits.</summary>
    /// <param name="hidden">Normalised rows.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="logPartition">Receives log Σ exp per row.</param>
    /// <param name="targets">One id per row whose logit is wanted, or empty.</param>
    /// <param name="targetLogits">Receives the targets' logits.</param>
    /// <param name="logits">If not null, receives all logits, [rows, padded vocabulary].</param>
    public void Score(float* hidden, int rows, double[] logPartition, int[] targets, float[] targetLogits, float* logits)
    {
        int rowBlocks = (rows + BlockRows - 1) / BlockRows, count = blocks;
        float* statistics = partial.Ensure((long)rows * blocks * 2);
        if (logits == null)
        {
            foreach (FloatBuffer tile in tiles) tile.Ensure(BlockRows * BlockIds);
        }

        void Tile(int task, int worker)
        {
            int row = task % rowBlocks * BlockRows, block = task / rowBlocks;
            ScoreTile(hidden, row, Math.Min(BlockRows, rows - row), block, targets, targetLogits, logits, tiles[worker].Pointer, statistics);
        }

        if ((long)rows * vocabulary * shape.Hidden < 1 << 18)
        {
            for (int task = 0; task < rowBlocks * blocks; task++) Tile(task, 0);
        }
        else
        {
            pool.Run(rowBlocks * blocks, Tile);
        }

        for (int r = 0; r < rows; r++) logPartition[r] = Join(statistics + ((long)r * count * 2), count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        normed.Dispose();
        partial.Dispose();
        foreach (FloatBuffer tile in tiles) tile.Dispose();
    }

    private void ScoreTile(
        float* hidden, int row, int count, int block, int[] targets, float[] targetLogits, float* logits, float* tile, float* statistics)
    {
        int first = block * BlockIds, ids = Math.Min(BlockIds, shape.VocabularyStride - first), real = Math.Min(ids, vocabulary - first);
        float* c = logits != null ? logits + ((long)row * shape.VocabularyStride) + first : tile;
        int stride = logits != null ? shape.VocabularyStride : BlockIds;
        Panels panels = parameters.Forward(parameters.Head);
        panels = panels with { Data = panels.Data + (first / 32 * panels.PanelStride * sizeof(float)) };
        Gemm<V>.Multiply(count, ids, shape.Hidden, hidden + ((long)row * shape.HiddenStride), shape.HiddenStride, 1, panels, c, stride, false);
        for (int r = 0; r < count; r++)
        {
            float* line = c + ((long)r * stride), target = statistics + ((((long)(row + r) * blocks) + block) * 2);
            float max = LaneReduction<V>.Max(line, real);
            target[0] = max;
            target[1] = LaneReduction<V>.SumExp(line, real, max);
            if (targets.Length > 0 && targets[row + r] >= first && targets[row + r] < first + real) targetLogits[row + r] = line[targets[row + r] - first];
        }
    }

    private static double Join(float* statistics, int count)
    {
        float max = statistics[0];
        for (int b = 1; b < count; b++) max = MathF.Max(max, statistics[2 * b]);
        double sum = 0;
        for (int b = 0; b < count; b++) sum += statistics[(2 * b) + 1] * DeterministicMath.Exp((double)statistics[2 * b] - max);
        return max + DeterministicMath.Log(sum);
    }
}
