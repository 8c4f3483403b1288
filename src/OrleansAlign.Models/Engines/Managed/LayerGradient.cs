using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>The backward pass of one layer: from the gradient of its output to that of its input, and the gradients of its weights.</summary>
/// <remarks>
/// Four parallel regions: row blocks back through the MLP and the attention's projection; attention by sequence and head; row blocks back through
/// rotation, norm and projection; then the weights' gradients by output tiles, each a chain over the tokens in order.
/// </remarks>
internal sealed unsafe class LayerGradient<V> : IDisposable
    where V : struct, ISimd<V>
{
    private const int BlockRows = 96;

    private readonly Parameters parameters;
    private readonly ModelConfig config;
    private readonly Shape shape;
    private readonly WorkerPool pool;
    private readonly RopeTable rope;
    private readonly float epsilon;
    private readonly FloatBuffer workspace = new();
    private readonly FloatBuffer[] scratch;
    private float* dMlp, hidden, normedMiddle, dNormedMiddle, dAttention, dAttended, dQkv, normedInput, dNormedInput, middleScale, inputScale;

    public LayerGradient(Parameters parameters, Shape shape, WorkerPool pool, RopeTable rope)
    {
        this.parameters = parameters;
        this.shape = shape;
        this.pool = pool;
        this.rope = rope;
        config = parameters.Config;
        epsilon = (float)config.NormEpsilon;
        scratch = new FloatBuffer[pool.Threads];
        for (int i = 0; i < scratch.Length; i++) scratch[i] = new FloatBuffer();
    }

    /// <summary>Floats of workspace per row.</summary>
    public static long RowFloats(Shape shape) =>
        (6L * shape.HiddenStride) + shape.IntermediateStride + shape.QueryStride + shape.QueryKeyValueStride + 2;

    /// <summary>Makes room for batches of this size.</summary>
    public void Prepare(int rows, int longest)
    {
        float* next = workspace.Ensure((rows * RowFloats(shape)) + 1024);
        float* Take(long floats)
        {
            float* start = next;
            next += (floats + 15) / 16 * 16;
            return start;
        }

        long wide = (long)rows * shape.HiddenStride;
        dMlp = Take(wide);
        hidden = Take((long)rows * shape.IntermediateStride);
        normedMiddle = Take(wide);
        dNormedMiddle = Take(wide);
        dAttention = Take(wide);
        dAttended = Take((long)rows * shape.QueryStride);
        dQkv = Take((long)rows * shape.QueryKeyValueStride);
        normedInput = Take(wide);
        dNormedInput = Take(wide);
        middleScale = Take(rows);
        inputScale = Take(rows);
        long perThread = Math.Max((long)BlockRows * shape.IntermediateStride, AttentionBackward<V>.ScratchFloats(shape, longest));
        foreach (FloatBuffer buffer in scratch) buffer.Ensure(perThread);
    }

    /// <summary>Runs the layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="buffers">What its forward pass kept; gate and up, and raw q and k, are overwritten.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="dX">[M, C]: on entry the gradient of the layer's output, on return that of its input.</param>
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
                segment.Row, segment.Count, task % heads, (float*)buffers.QueryKeyValue, (float*)buffers.Attended, dAttended, (float*)buffers.Statistics, dQkv,
                scratch[worker].Pointer);
        });
        pool.Run(blocks, (task, _) => ThroughProjection(layer, buffers, batch, task * block, Math.Min(block, rows - (task * block)), dX));
        Weights(layer, buffers, rows, gradients);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        workspace.Dispose();
        foreach (FloatBuffer buffer in scratch) buffer.Dispose();
    }

    // From the output through the MLP and its norm to the middle, then through the attention's projection.
    private void ThroughMlp(int layer, LayerBuffers buffers, int row, int count, float* dX, float* dHidden, Dropout? dropout)
    {
        LayerSlots slots = parameters.Layout.Layers[layer];
        int stride = shape.HiddenStride, inner = shape.IntermediateStride, wide = shape.GateUpStride;
        float* d = dX + ((long)row * stride), branch = dMlp + ((long)row * stride), gateUp = (float*)buffers.GateUp + ((long)row * wide);
        float* middle = (float*)buffers.Middle + ((long)row * stride), dNormed = dNormedMiddle + ((long)row * stride);
        for (int r = 0; r < count; r++)
        {
            new Span<float>(d + (r * stride), stride).CopyTo(new Span<float>(branch + (r * stride), stride));
            dropout?.Apply(branch + (r * stride), layer, 1, row + r, shape.Hidden);
        }

        Gemm<V>.Multiply(count, inner, shape.Hidden, branch, stride, 1, parameters.Backward(parameters.Down[layer]), dHidden, inner, false);
        for (int r = 0; r < count; r++)
        {
            float* gate = gateUp + ((long)r * wide);
            RowOperations<V>.SwiGluBackward(gate, gate + inner, dHidden + ((long)r * inner), hidden + ((long)(row + r) * inner), inner);
        }

        Gemm<V>.Multiply(count, stride, wide, gateUp, wide, 1, parameters.Backward(parameters.GateUp[layer]), dNormed, stride, false);
        float* weight = parameters[slots.PostNorm], dBranch = dAttention + ((long)row * stride);
        for (int r = 0; r < count; r++)
        {
            float* x = middle + (r * stride);
            float scale = RmsNorm<V>.Forward(x, weight, normedMiddle + ((long)(row + r) * stride), shape.Hidden, stride, epsilon);
            middleScale[row + r] = scale;
            RmsNorm<V>.Backward(x, weight, dNormed + (r * stride), d + (r * stride), shape.Hidden, stride, scale, true);
            new Span<float>(d + (r * stride), stride).CopyTo(new Span<float>(dBranch + (r * stride), stride));
            dropout?.Apply(dBranch + (r * stride), layer, 0, row + r, shape.Hidden);
        }

        Gemm<V>.Multiply(
            count, shape.QueryStride, shape.Hidden, dBranch, stride, 1, parameters.Backward(parameters.Output[layer]),
            dAttended + ((long)row * shape.QueryStride), shape.QueryStride, false);
    }

    // From q, k and v through rotation, head norm, projection and norm to the input.
    private void ThroughProjection(int layer, LayerBuffers buffers, RowBatch batch, int row, int count, float* dX)
    {
        LayerSlots slots = parameters.Layout.Layers[layer];
        int stride = shape.HiddenStride, width = shape.QueryKeyValueStride, half = rope.Half, raw = shape.QueryStride + shape.KeyStride;
        for (int r = row; r < row + count; r++)
        {
            float* q = dQkv + ((long)r * width), k = q + shape.QueryStride;
            int position = batch.Positions[r];
            fixed (float* cosines = &rope.Cosines[position * half], sines = &rope.Sines[position * half])
            {
                for (int h = 0; h < shape.Heads; h++) RowOperations<V>.Rotate(q + (h * shape.HeadSize), cosines, sines, half, -1f);
                for (int h = 0; h < shape.KeyValueHeads; h++) RowOperations<V>.Rotate(k + (h * shape.HeadSize), cosines, sines, half, -1f);
            }

            if (slots.QueryNorm is { } norm)
            {
                float* before = (float*)buffers.RawQueryKey + ((long)r * raw);
                NormHeads(before, q, shape.Heads, parameters[norm]);
                NormHeads(before + shape.QueryStride, k, shape.KeyValueHeads, parameters[slots.KeyNorm!]);
            }
        }

        float* dNormed = dNormedInput + ((long)row * stride), weight = parameters[slots.InputNorm];
        Gemm<V>.Multiply(
            count, stride, width, dQkv + ((long)row * width), width, 1, parameters.Backward(parameters.QueryKeyValue[layer]), dNormed, stride, false);
        for (int r = 0; r < count; r++)
        {
            float* x = (float*)buffers.Input + ((long)(row + r) * stride);
            float scale = RmsNorm<V>.Forward(x, weight, normedInput + ((long)(row + r) * stride), shape.Hidden, stride, epsilon);
            inputScale[row + r] = scale;
            RmsNorm<V>.Backward(x, weight, dNormed + (r * stride), dX + ((long)(row + r) * stride), shape.Hidden, stride, scale, true);
        }
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
        Product(parameters.Down[layer], dMlp, stride, hidden, shape.IntermediateStride, rows, gradients);
        Product(parameters.GateUp[layer], (float*)buffers.GateUp, shape.GateUpStride, normedMiddle, stride, rows, gradients);
        Product(parameters.Output[layer], dAttention, stride, (float*)buffers.Attended, shape.QueryStride, rows, gradients);
        Product(parameters.QueryKeyValue[layer], dQkv, shape.QueryKeyValueStride, normedInput, stride, rows, gradients);
        float* input = (float*)buffers.Input, middle = (float*)buffers.Middle;
        pool.Run(stride / 16, (task, _) =>
        {
            int c = task * 16;
            ColumnSums<V>.Gain(dNormedMiddle + c, middle + c, stride, middleScale, rows, At(slots.PostNorm) + c);
            ColumnSums<V>.Gain(dNormedInput + c, input + c, stride, inputScale, rows, At(slots.InputNorm) + c);
            if (slots.OutputBias is { } bias) ColumnSums<V>.Plain(dAttention + c, stride, rows, At(bias) + c);
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

    // dW += dYᵀ · X, a chain over the tokens in order.
    private void Product(PackedGroup group, float* dY, int dYStride, float* x, int xStride, int rows, float* gradients) =>
        Gemm<V>.Multiply(
            pool, group.Rows, group.First.Stride, rows, dY, 1, dYStride, Panels.RowMajor(x, xStride), gradients + group.First.Offset, group.First.Stride, true);
}
