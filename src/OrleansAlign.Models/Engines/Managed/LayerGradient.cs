using OrleansAlign.Models.Engines.Shared;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>The backward pass of one layer: from the gradient of its output to the gradient of its input, and the gradients of its weights.</summary>
/// <remarks>
/// Four parallel regions: row blocks back through the MLP and the attention's projection; attention by sequence and head; row blocks back through
/// rotation, norm and projection; then the weights' gradients by output tiles, each a chain over the tokens in order.
/// </remarks>
internal sealed unsafe class LayerGradient<V>(Parameters parameters, Shape shape, WorkerPool pool, RopeTable rope) : IDisposable
    where V : struct, ISimd<V>
{
    private const int BlockRows = 96;

    private readonly float epsilon = (float)parameters.Config.NormEpsilon;
    private readonly FloatBuffer workspace = new();
    private readonly FloatBuffer[] scratch = [.. Enumerable.Range(0, pool.Threads).Select(_ => new FloatBuffer())];
    private float* dNormedMiddle, dAttended, dQkv, dNormedInput, middleScale, inputScale;

    // Operands of the weights' gradients, as token panels.
    private float* dMlp, hidden, dGateUp, normedMiddle, dAttention, attended, dProjected, normedInput;
    private int tokens;

    /// <summary>Floats of workspace per row.</summary>
    public static long RowFloats(Shape shape) =>
        (6L * shape.HiddenStride) + shape.IntermediateStride + shape.GateUpStride + (2L * shape.QueryStride) + (2L * shape.QueryKeyValueStride) + 2;

    /// <summary>Allocates workspace for batches of this size.</summary>
    public void Prepare(int rows, int longest)
    {
        float* next = workspace.Ensure((rows * RowFloats(shape)) + 1024);
        float* Take(long floats)
        {
            float* start = next;
            next += (floats + 15) / 16 * 16;
            return start;
        }

        tokens = rows;
        long wide = (long)rows * shape.HiddenStride, projected = (long)rows * shape.QueryKeyValueStride, heads = (long)rows * shape.QueryStride;
        dNormedMiddle = Take(wide);
        dNormedInput = Take(wide);
        dAttended = Take(heads);
        dQkv = Take(projected);
        dMlp = Take(wide);
        normedMiddle = Take(wide);
        dAttention = Take(wide);
        normedInput = Take(wide);
        hidden = Take((long)rows * shape.IntermediateStride);
        dGateUp = Take((long)rows * shape.GateUpStride);
        attended = Take(heads);
        dProjected = Take(projected);
        middleScale = Take(rows);
        inputScale = Take(rows);
        long rowBlock = BlockRows * ((2L * shape.HiddenStride) + (2L * shape.IntermediateStride));
        long perThread = Math.Max(rowBlock, AttentionBackward<V>.ScratchFloats(shape, longest));
        foreach (FloatBuffer buffer in scratch) buffer.Ensure(perThread);
    }

    /// <summary>Runs the layer's backward pass.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="buffers">The results that its forward pass kept; gate and up, and raw q and k, are overwritten.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="dX">[M, C]: on entry the gradient of the layer's output, on return the gradient of its input.</param>
    /// <param name="gradients">The padded buffer of all gradients, added to.</param>
    /// <param name="dropout">The masks of the forward pass, if any.</param>
    public void Run(int layer, LayerBuffers buffers, RowBatch batch, float* dX, float* gradients, Dropout? dropout)
    {
        int rows = batch.Rows, share = (rows + (3 * pool.Threads) - 1) / (3 * pool.Threads);
        int block = Math.Clamp((share + 5) / 6 * 6, 24, BlockRows), blocks = (rows + block - 1) / block;
        pool.Run(blocks, (task, worker) =>
            ThroughMlp(layer, buffers, task * block, Math.Min(block, rows - (task * block)), dX, scratch[worker].Pointer, dropout));
        var attention = new AttentionBackward<V>(shape);
        int heads = shape.KeyValueHeads;
        pool.Run(batch.Segments.Count * heads, (task, worker) =>
        {
            Segment segment = batch.Segments[task / heads];
            attention.Run(
                segment.Row, segment.Count, task % heads, shape.Window(layer), (float*)buffers.QueryKeyValue, (float*)buffers.Attended, dAttended,
                (float*)buffers.Statistics, dQkv, scratch[worker].Pointer);
        });
        pool.Run(blocks, (task, worker) =>
            ThroughProjection(layer, buffers, batch, task * block, Math.Min(block, rows - (task * block)), dX, scratch[worker].Pointer));
        Weights(layer, buffers, rows, gradients);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        workspace.Dispose();
        foreach (FloatBuffer buffer in scratch) buffer.Dispose();
    }

    // From the output through the MLP and its norm to the middle, then through the attention's projection.
    private void ThroughMlp(int layer, LayerBuffers buffers, int row, int count, float* dX, float* own, Dropout? dropout)
    {
        LayerSlots slots = parameters.Layout.Layers[layer];
        int stride = shape.HiddenStride, inner = shape.IntermediateStride, wide = shape.GateUpStride;
        float* d = dX + ((long)row * stride), gateUp = (float*)buffers.GateUp + ((long)row * wide), middle = (float*)buffers.Middle + ((long)row * stride);
        float* dNormed = dNormedMiddle + ((long)row * stride);
        float* masked = own, normed = masked + ((long)count * stride), dHidden = normed + ((long)count * stride), hiddenRows = dHidden + ((long)count * inner);

        float* branch = Branch(d, masked, layer, 1, row, count, dropout);
        StoreLeft(branch, stride, row, count, dMlp);
        Gemm<V>.Multiply(count, inner, stride, branch, stride, 1, parameters.Backward(parameters.Down[layer]), dHidden, inner, false);
        for (int r = 0; r < count; r++)
        {
            float* gate = gateUp + ((long)r * wide);
            RowOperations<V>.SwiGluBackward(gate, gate + inner, dHidden + ((long)r * inner), hiddenRows + ((long)r * inner), inner);
        }

        StoreRight(hiddenRows, inner, row, count, hidden);
        StoreLeft(gateUp, wide, row, count, dGateUp);
        Gemm<V>.Multiply(count, stride, wide, gateUp, wide, 1, parameters.Backward(parameters.GateUp[layer]), dNormed, stride, false);
        float* weight = parameters[slots.PostNorm];
        for (int r = 0; r < count; r++)
        {
            float* x = middle + (r * stride);
            float scale = RmsNorm<V>.Forward(x, weight, normed + (r * stride), shape.Hidden, stride, epsilon);
            middleScale[row + r] = scale;
            RmsNorm<V>.Backward(x, weight, dNormed + (r * stride), d + (r * stride), shape.Hidden, stride, scale, true);
        }

        StoreRight(normed, stride, row, count, normedMiddle);
        branch = Branch(d, masked, layer, 0, row, count, dropout);
        StoreLeft(branch, stride, row, count, dAttention);
        float* heads = (float*)buffers.Attended + ((long)row * shape.QueryStride);
        for (int r = 0; r < count; r++) ClearPadding(heads + ((long)r * shape.QueryStride), shape.Heads * shape.HeadSize, shape.QueryStride);
        StoreRight(heads, shape.QueryStride, row, count, attended);
        Gemm<V>.Multiply(
            count, shape.QueryStride, stride, branch, stride, 1, parameters.Backward(parameters.Output[layer]),
            dAttended + ((long)row * shape.QueryStride), shape.QueryStride, false);
    }

    // The gradient of a branch: the residual stream's gradient, masked if dropout is on.
    private float* Branch(float* d, float* masked, int layer, int branch, int row, int count, Dropout? dropout)
    {
        if (dropout is null) return d;
        int stride = shape.HiddenStride;
        for (int r = 0; r < count; r++)
        {
            new Span<float>(d + (r * stride), stride).CopyTo(new Span<float>(masked + (r * stride), stride));
            dropout.Apply(masked + (r * stride), layer, branch, row + r, shape.Hidden);
        }

        return masked;
    }

    private void StoreLeft(float* rows, int columns, int row, int count, float* target) =>
        TokenPanels.Store(rows, columns, count, columns, TokenPanels.Left, target, tokens, row);

    private void StoreRight(float* rows, int columns, int row, int count, float* target) =>
        TokenPanels.Store(rows, columns, count, columns, TokenPanels.Right, target, tokens, row);

    // From q, k and v through rotation, head norm, projection and norm to the input.
    private void ThroughProjection(int layer, LayerBuffers buffers, RowBatch batch, int row, int count, float* dX, float* normed)
    {
        LayerSlots slots = parameters.Layout.Layers[layer];
        int stride = shape.HiddenStride, width = shape.QueryKeyValueStride, half = rope.Half, raw = shape.QueryStride + shape.KeyStride;
        for (int r = row; r < row + count; r++)
        {
            float* q = dQkv + ((long)r * width), k = q + shape.QueryStride;
            ClearPadding(q, shape.Heads * shape.HeadSize, shape.QueryStride);
            ClearPadding(k, shape.KeyValueHeads * shape.HeadSize, shape.KeyStride);
            ClearPadding(k + shape.KeyStride, shape.KeyValueHeads * shape.HeadSize, shape.KeyStride);
            int position = batch.Positions[r];
            fixed (float* cosines = &rope.Cosines[position * half], sines = &rope.Sines[position * half])
            {
                RowOperations<V>.Rotate(q, shape.Heads, cosines, sines, half, -1f);
                RowOperations<V>.Rotate(k, shape.KeyValueHeads, cosines, sines, half, -1f);
            }

            if (slots.QueryNorm is { } norm)
            {
                float* before = (float*)buffers.RawQueryKey + ((long)r * raw);
                NormHeads(before, q, shape.Heads, parameters[norm]);
                NormHeads(before + shape.QueryStride, k, shape.KeyValueHeads, parameters[slots.KeyNorm!]);
            }
        }

        float* dNormed = dNormedInput + ((long)row * stride), weight = parameters[slots.InputNorm];
        StoreLeft(dQkv + ((long)row * width), width, row, count, dProjected);
        Gemm<V>.Multiply(
            count, stride, width, dQkv + ((long)row * width), width, 1, parameters.Backward(parameters.QueryKeyValue[layer]), dNormed, stride, false);
        for (int r = 0; r < count; r++)
        {
            float* x = (float*)buffers.Input + ((long)(row + r) * stride);
            float scale = RmsNorm<V>.Forward(x, weight, normed + (r * stride), shape.Hidden, stride, epsilon);
            inputScale[row + r] = scale;
            RmsNorm<V>.Backward(x, weight, dNormed + (r * stride), dX + ((long)(row + r) * stride), shape.Hidden, stride, scale, true);
        }

        StoreRight(normed, stride, row, count, normedInput);
    }

    // Attention writes heads but not their padding, which may hold values from an earlier layout of the workspace.
    private static void ClearPadding(float* row, int used, int stride)
    {
        if (used < stride) new Span<float>(row + used, stride - used).Clear();
    }

    // dy → dx in place; the values before the norm become dy · x · scale, whose sum is the gain's gradient.
    private void NormHeads(float* x, float* dy, int heads, float* weight)
    {
        int size = shape.HeadSize, wide = shape.HeadStride;
        float* a = stackalloc float[wide], b = stackalloc float[wide], c = stackalloc float[wide];
        new Span<float>(a, wide).Clear();
        new Span<float>(b, wide).Clear();
        for (int h = 0; h < heads; h++, x += size, dy += size)
        {
            new Span<float>(x, size).CopyTo(new Span<float>(a, size));
            new Span<float>(dy, size).CopyTo(new Span<float>(b, size));
            float scale = RmsNorm<V>.Scale(a, size, wide, epsilon);
            RmsNorm<V>.Backward(a, weight, b, c, size, wide, scale, false);
            for (int d = 0; d < size; d++)
            {
                x[d] = b[d] * (a[d] * scale);
                dy[d] = c[d];
            }
        }
    }

    private void Weights(int layer, LayerBuffers buffers, int rows, float* gradients)
    {
        LayerSlots slots = parameters.Layout.Layers[layer];
        int stride = shape.HiddenStride;
        float* At(TensorSlot slot) => gradients + slot.Offset;
        PackedGroup down = parameters.Down[layer], gateUp = parameters.GateUp[layer], output = parameters.Output[layer], qkv = parameters.QueryKeyValue[layer];
        int end1 = Tasks(down), end2 = end1 + Tasks(gateUp), end3 = end2 + Tasks(output), end4 = end3 + Tasks(qkv);
        pool.Run(end4, (task, _) =>
        {
            if (task < end1) Product(task, down, dMlp, hidden, gradients);
            else if (task < end2) Product(task - end1, gateUp, dGateUp, normedMiddle, gradients);
            else if (task < end3) Product(task - end2, output, dAttention, attended, gradients);
            else Product(task - end3, qkv, dProjected, normedInput, gradients);
        });
        float* input = (float*)buffers.Input, middle = (float*)buffers.Middle;
        pool.Run(stride / 16, (task, _) =>
        {
            int c = task * 16;
            ColumnSums<V>.Gain(dNormedMiddle + c, middle + c, stride, middleScale, rows, At(slots.PostNorm) + c);
            ColumnSums<V>.Gain(dNormedInput + c, input + c, stride, inputScale, rows, At(slots.InputNorm) + c);
            if (slots.OutputBias is { } bias)
            {
                int panel = c / TokenPanels.Left * TokenPanels.Left, width = Math.Min(TokenPanels.Left, stride - panel);
                ColumnSums<V>.Plain(dAttention + ((long)panel * rows) + (c - panel), width, rows, At(bias) + c);
            }
        });
        if (slots.QueryBias is { } queryBias)
        {
            int q = shape.QueryStride, k = shape.KeyStride;
            pool.Run(shape.QueryKeyValueStride / 16, (task, _) =>
            {
                int c = task * 16;
                float* target = c < q ? At(queryBias) + c : c < q + k ? At(slots.KeyBias!) + (c - q) : At(slots.ValueBias!) + (c - q - k);
                ColumnSums<V>.Plain(dQkv + c, shape.QueryKeyValueStride, rows, target);
            });
        }

        if (slots.QueryNorm is { } queryNorm)
        {
            float* products = (float*)buffers.RawQueryKey;
            int raw = shape.QueryStride + shape.KeyStride;
            pool.Run(2, (task, _) =>
            {
                if (task == 0) ColumnSums<V>.Heads(products, raw, rows, shape.Heads, shape.HeadSize, At(queryNorm));
                else ColumnSums<V>.Heads(products + shape.QueryStride, raw, rows, shape.KeyValueHeads, shape.HeadSize, At(slots.KeyNorm!));
            });
        }
    }

    private static int Tasks(PackedGroup group) => Gemm<V>.OverTokensTasks(group.Rows, group.First.Stride);

    // dW += dYᵀ · X, a chain over the tokens in order.
    private void Product(int task, PackedGroup group, float* dY, float* x, float* gradients) =>
        Gemm<V>.OverTokens(task, group.Rows, group.First.Stride, tokens, dY, x, gradients + group.First.Offset, group.First.Stride);
}
