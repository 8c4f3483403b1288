using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines.Shared;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Takes optimizer steps: forward pass, objective, backward pass, clipping, AdamW.</summary>
/// <remarks>
/// A batch whose activations exceed the budget is split between sequences: the log-probs of all parts come first, the objective sees them all at
/// once, then each part runs forward again and backward. Weight gradients are chains over the tokens in batch order that continue from part to part,
/// so that splitting does not change a bit.
/// </remarks>
internal sealed unsafe class Trainer<V>(
    Parameters parameters, Shape shape, WorkerPool pool,
    Transformer<V> transformer, VocabularyHead<V> head, KeyValuePages pages, ManagedEngineOptions options)
    : IDisposable
    where V : struct, ISimd<V>
{
    private readonly ModelConfig config = parameters.Config;
    private readonly ParameterLayout layout = parameters.Layout;
    private readonly VocabularyGradient<V> vocabularyGradient = new(parameters, shape, pool);
    private readonly LayerGradient<V> layerGradient = new(parameters, shape, pool, transformer.Rope);
    private readonly FloatBuffer gradients = new(), first = new(), second = new(), kept = new();
    private readonly FloatBuffer gathered = new(), dX = new(), dHidden = new(), finalScale = new();
    private int step;

    /// <summary>Takes one optimizer step.</summary>
    public StepReport Step(TrainingBatch batch, IObjective objective, StepOptions settings, CancellationToken cancel)
    {
        ObjectiveValue value = Compute(batch, objective, settings.Dropout, cancel);
        if (!double.IsFinite(value.Loss)) throw StepRules.NotFinite(step + 1, $"the loss is {value.Loss}");
        double norm = GradientNorm.Of(gradients.Pointer, layout.Length, pool);
        if (!double.IsFinite(norm)) throw StepRules.NotFinite(step + 1, WorstTensor());
        cancel.ThrowIfCancellationRequested();
        Update(settings, norm);
        return new StepReport(value.Loss, norm, batch.Sequences.Sum(s => s.Tokens.Length), value.Metrics);
    }

    /// <summary>A copy of step count and moments.</summary>
    public OptimizerState Export()
    {
        Moments();
        return new OptimizerState(
            step, [.. layout.Slots.Select(s => Parameters.Write(s, first.Pointer))], [.. layout.Slots.Select(s => Parameters.Write(s, second.Pointer))]);
    }

    /// <summary>Restores a state from <see cref="Export"/>.</summary>
    public void Import(OptimizerState state)
    {
        RequestChecks.Optimizer(state, config);
        Moments();
        foreach (TensorSlot slot in layout.Slots)
        {
            Parameters.Read(state.FirstMoments[slot.Index], slot, first.Pointer);
            Parameters.Read(state.SecondMoments[slot.Index], slot, second.Pointer);
        }

        step = state.Step;
    }

    /// <summary>Resets moments and step count to zero.</summary>
    public void Reset()
    {
        step = 0;
        first.Clear();
        second.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FloatBuffer buffer in new[] { gradients, gathered, first, second, kept, dX, dHidden, finalScale }) buffer.Dispose();
        vocabularyGradient.Dispose();
        layerGradient.Dispose();
    }

    private long RowBytes =>
        sizeof(float) * ((config.Layers * LayerFloats) + shape.HiddenStride + (3L * shape.HiddenStride) + LayerGradient<V>.RowFloats(shape));

    private long LayerFloats =>
        (2L * shape.HiddenStride) + shape.QueryKeyValueStride + (config.QueryKeyNorm ? shape.QueryStride + shape.KeyStride : 0) + shape.QueryStride
        + (2L * shape.Heads) + shape.GateUpStride;

    private void Moments()
    {
        first.Ensure(layout.Length);
        second.Ensure(layout.Length);
    }

    /// <summary>Zeroes the padding: products write whole panels, and their values in the padding would count in the norm.</summary>
    private void ClearPadding()
    {
        foreach (TensorSlot slot in layout.Slots)
        {
            float* values = gradients.Pointer + slot.Offset;
            int gap = slot.Stride - slot.Columns;
            for (int row = 0; gap > 0 && row < slot.Rows; row++) new Span<float>(values + ((long)row * slot.Stride) + slot.Columns, gap).Clear();
            for (int row = slot.Rows; row < slot.PaddedRows; row++) new Span<float>(values + ((long)row * slot.Stride), slot.Stride).Clear();
        }
    }

    private ObjectiveValue Compute(TrainingBatch batch, IObjective objective, double dropout, CancellationToken cancel)
    {
        gradients.Ensure(layout.Length);
        gradients.Clear();
        if (config.TiedEmbeddings)
        {
            gathered.Ensure(layout.Embedding.PaddedLength);
            gathered.Clear();
        }

        float[][] logProbs = [.. batch.Sequences.Select(s => new float[s.CompletionLength])];
        float[][] slopes = [.. batch.Sequences.Select(s => new float[s.CompletionLength])];
        List<List<int>> parts = Passes.Split(
            Enumerable.Range(0, batch.Sequences.Count).Where(i => logProbs[i].Length > 0), i => batch.Sequences[i].Tokens.Length - 1,
            Math.Max(1, options.ActivationBytes / RowBytes));
        TrainingRows? only = null;
        foreach (List<int> part in parts)
        {
            TrainingRows rows = Forward(batch, part, dropout, parts.Count == 1, logProbs, cancel);
            if (parts.Count == 1) only = rows;
        }

        ObjectiveValue value = objective.Evaluate(batch, logProbs, slopes);
        foreach (List<int> part in parts) Backward(only ?? Forward(batch, part, dropout, true, logProbs, cancel), slopes, cancel);

        if (config.TiedEmbeddings)
        {
            float* target = gradients.Pointer + layout.Embedding.Offset, source = gathered.Pointer;
            RowRanges(layout.Embedding.PaddedLength, (start, length) => RowOperations<V>.Add(target + start, source + start, target + start, (int)length));
        }

        ClearPadding();
        return value;
    }

    // Buffers for the layers' kept results: L layers, and the last residual stream as the (L + 1)-th.
    private LayerBuffers[] Kept(int rows)
    {
        float* next = kept.Ensure((rows * ((config.Layers * LayerFloats) + shape.HiddenStride)) + (config.Layers * 128L) + 64);
        nint Take(long floats)
        {
            float* start = next;
            next += (floats + 15) / 16 * 16;
            return (nint)start;
        }

        var layers = new LayerBuffers[config.Layers];
        long wide = (long)rows * shape.HiddenStride;
        nint input = Take(wide);
        for (int l = 0; l < layers.Length; l++)
        {
            nint qkv = Take((long)rows * shape.QueryKeyValueStride);
            nint raw = config.QueryKeyNorm ? Take((long)rows * (shape.QueryStride + shape.KeyStride)) : 0;
            nint attended = Take((long)rows * shape.QueryStride), statistics = Take((long)rows * shape.Heads * 2);
            nint middle = Take(wide), gateUp = Take((long)rows * shape.GateUpStride), output = Take(wide);
            layers[l] = new LayerBuffers(input, qkv, raw, attended, statistics, middle, gateUp, output);
            input = output;
        }

        return layers;
    }

    // Rows, log-probs and, if kept, the layers' results of one part; its pages serve the forward pass alone.
    private TrainingRows Forward(TrainingBatch batch, List<int> part, double dropout, bool keep, float[][] logProbs, CancellationToken cancel)
    {
        var rows = new TrainingRows(batch, part, pages, dropout);
        try
        {
            rows.Residual = (nint)transformer.Forward(rows.Batch, pages, keep ? Kept(rows.Batch.Rows) : null, rows.Dropout, cancel);
        }
        finally
        {
            rows.Release(pages);
        }

        rows.Normed = (nint)head.Normalize((float*)rows.Residual, rows.Scored);
        float[] logits = new float[rows.Scored.Length];
        head.Score((float*)rows.Normed, rows.Scored.Length, rows.LogPartition, rows.Targets, logits, null);
        for (int i = 0; i < logits.Length; i++) logProbs[rows.Origin[i].Sequence][rows.Origin[i].Index] = (float)(logits[i] - rows.LogPartition[i]);
        return rows;
    }

    private void Backward(TrainingRows rows, float[][] slopes, CancellationToken cancel)
    {
        int count = rows.Batch.Rows, stride = shape.HiddenStride, scored = rows.Scored.Length;
        LayerBuffers[] layers = Kept(count);
        float[] slope = new float[scored];
        for (int i = 0; i < scored; i++) slope[i] = slopes[rows.Origin[i].Sequence][rows.Origin[i].Index];
        float* d = dX.Ensure((long)count * stride), dNormed = dHidden.Ensure((long)scored * stride), scales = finalScale.Ensure(scored + 16L);
        parameters.PackBackward();
        vocabularyGradient.Run((float*)rows.Normed, scored, rows.Targets, rows.LogPartition, slope, dNormed, gradients.Pointer + layout.Head.Offset);
        cancel.ThrowIfCancellationRequested();

        // The final norm, row by row; rows whose next token is not scored get zero.
        new Span<float>(d, count * stride).Clear();
        float* residual = (float*)rows.Residual, weight = parameters[layout.FinalNorm], gain = gradients.Pointer + layout.FinalNorm.Offset;
        float epsilon = (float)config.NormEpsilon;
        int[] index = rows.Scored;
        for (int i = 0; i < scored; i++)
        {
            float* x = residual + ((long)index[i] * stride);
            scales[i] = RmsNorm<V>.Scale(x, shape.Hidden, stride, epsilon);
            RmsNorm<V>.Backward(x, weight, dNormed + ((long)i * stride), d + ((long)index[i] * stride), shape.Hidden, stride, scales[i], false);
            RowOperations<V>.GainGradient(dNormed + ((long)i * stride), x, scales[i], gain, stride);
        }

        layerGradient.Prepare(count, rows.Batch.Longest);
        for (int layer = config.Layers - 1; layer >= 0; layer--)
        {
            cancel.ThrowIfCancellationRequested();
            layerGradient.Run(layer, layers[layer], rows.Batch, d, gradients.Pointer, rows.Dropout);
        }

        float* table = config.TiedEmbeddings ? gathered.Pointer : gradients.Pointer + layout.Embedding.Offset;
        List<int> tokens = rows.Batch.Tokens;
        pool.Run((stride + 63) / 64, (task, _) =>
        {
            int column = task * 64, columns = Math.Min(64, stride - column);
            for (int r = 0; r < count; r++)
            {
                float* target = table + ((long)tokens[r] * stride) + column;
                RowOperations<V>.Add(target, d + ((long)r * stride) + column, target, columns);
            }
        });
    }

    private void Update(StepOptions settings, double norm)
    {
        Moments();
        step++;
        float scale = StepRules.ClipScale(settings, norm);
        AdamW<V>.Factors matrices = AdamW<V>.Factors.Of(settings, step, scale, true), vectors = AdamW<V>.Factors.Of(settings, step, scale, false);
        float* w = parameters.Master, g = gradients.Pointer, m = first.Pointer, v = second.Pointer;
        foreach (TensorSlot slot in layout.Slots)
        {
            long offset = slot.Offset;
            AdamW<V>.Factors factors = slot.IsMatrix ? matrices : vectors;
            RowRanges(slot.PaddedLength, (start, length) =>
                AdamW<V>.Update(w + offset + start, g + offset + start, m + offset + start, v + offset + start, length, factors));
        }

        parameters.Pack();
    }

    // Calls body(start, length) over [0, length) in pieces, on all threads.
    private void RowRanges(long length, Action<long, long> body)
    {
        const long piece = 1 << 16;
        int pieces = (int)((length + piece - 1) / piece);
        pool.Run(pieces, (task, _) => body(task * piece, Math.Min(piece, length - (task * piece))));
    }

    private string WorstTensor()
    {
        foreach (TensorSlot slot in layout.Slots)
        {
            float* g = gradients.Pointer + slot.Offset;
            for (long i = 0; i < slot.PaddedLength; i++)
            {
                if (!float.IsFinite(g[i])) return $"the gradient of {slot.Name} has {g[i]} at [{i / slot.Stride}, {i % slot.Stride}]";
            }
        }

        return "the gradient norm overflows";
    }
}
