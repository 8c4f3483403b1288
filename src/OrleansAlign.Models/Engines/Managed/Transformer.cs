using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines.Shared;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Results of one layer's forward pass: whole-batch matrices if kept for the backward pass, else one set for all layers.</summary>
/// <param name="Input">[M, C] residual stream before the layer.</param>
/// <param name="QueryKeyValue">[M, q | k | v], q and k rotated.</param>
/// <param name="RawQueryKey">[M, q | k] before their norm; null if not kept or without norm.</param>
/// <param name="Attended">[M, heads · D].</param>
/// <param name="Statistics">[M, heads, 2] of the softmax, or null.</param>
/// <param name="Middle">[M, C] residual stream after attention; may be Input.</param>
/// <param name="GateUp">[M, gate | up], or null if not kept.</param>
/// <param name="Output">[M, C] residual stream after the layer; may be Input.</param>
internal readonly record struct LayerBuffers(
    nint Input, nint QueryKeyValue, nint RawQueryKey, nint Attended, nint Statistics, nint Middle, nint GateUp, nint Output);

/// <summary>The forward pass of sampling, scoring and training: the same code, hence the same bits.</summary>
/// <remarks>
/// Two parallel regions a layer: attention by stream and head, and the row-wise operations by blocks of rows, which pass through projection, norm and
/// MLP while they are in the cache. Few rows of a large model go as one block whose products are split by columns, so that weights are read once;
/// decoded rows of a small model go through all layers on one thread, since streams are independent.
/// </remarks>
internal sealed unsafe class Transformer<V>(Parameters parameters, Shape shape, WorkerPool pool) : IDisposable
    where V : struct, ISimd<V>
{
    private const int MaxBlockRows = 96;

    /// <summary>Query positions per attention task.</summary>
    private const int AttentionRows = 96;

    private readonly ModelConfig config = parameters.Config;
    private readonly float epsilon = (float)parameters.Config.NormEpsilon;
    private readonly FloatBuffer[] scratch = [.. Enumerable.Range(0, pool.Threads).Select(_ => new FloatBuffer())];
    private readonly FloatBuffer[] own = [.. Enumerable.Range(0, pool.Threads).Select(_ => new FloatBuffer())];
    private readonly FloatBuffer shared = new();
    private readonly List<(int Segment, int Head, int First, int Count)> attentionTasks = [];

    /// <summary>The rotary tables, long enough for every batch seen.</summary>
    public RopeTable Rope { get; } = new(parameters.Config);

    /// <summary>Runs all layers with the given buffers, or the transformer's own if null. Returns the last layer's output.</summary>
    public float* Forward(RowBatch batch, KeyValuePages pages, LayerBuffers[]? layers, Dropout? dropout, CancellationToken cancel)
    {
        layers ??= Transient(shared, batch.Rows);
        Rope.Ensure(batch.Longest);
        int rows = batch.Rows;
        bool decoding = batch.Segments.Count == rows && batch.Copies.Count == 0 && layers[0].Statistics == 0;
        bool byColumns = rows <= MaxBlockRows && (rows == 1 || !SmallWeights);
        int block = byColumns ? rows : BlockRows(rows), blocks = (rows + block - 1) / block;
        long perThread = ScratchFloats(block, batch.Longest);
        foreach (FloatBuffer buffer in scratch) buffer.Ensure(perThread);
        var pass = new Pass(batch, pages, layers, dropout, new Attention<V>(shape, pages), block, byColumns ? pool : null, false);
        if (!decoding) PlanAttention(batch);
        for (int layer = -1; layer < config.Layers; layer++)
        {
            cancel.ThrowIfCancellationRequested();
            int current = layer;
            if (layer >= 0 && decoding) AttendDecoding(pass, layer);
            else if (layer >= 0) Attend(pass, layer);
            if (blocks == 1) RowBlock(pass, current, 0, 0);
            else pool.Run(blocks, (task, worker) => RowBlock(pass, current, task, worker));
            if (layer + 1 < config.Layers && batch.Copies.Count > 0) CopyShared(batch, pages, layer + 1, layers[layer + 1]);
        }

        return (float*)layers[^1].Output;
    }

    /// <summary>Runs all layers for one new token of each stream, on the calling thread alone; other threads may do so for other streams.</summary>
    /// <param name="batch">One row per stream; used by this thread alone.</param>
    /// <param name="pages">The streams' pages.</param>
    /// <param name="worker">The calling thread's number.</param>
    /// <param name="cancel">Checked between layers.</param>
    /// <returns>The last layer's output [rows, C], valid until the thread's next call. <see cref="Rope"/> must reach the longest stream before.</returns>
    public float* Decode(RowBatch batch, KeyValuePages pages, int worker, CancellationToken cancel)
    {
        int rows = batch.Rows;
        LayerBuffers[] layers = Transient(own[worker], rows);
        scratch[worker].Ensure(ScratchFloats(rows, batch.Longest));
        var pass = new Pass(batch, pages, layers, null, new Attention<V>(shape, pages), rows, null, true);
        for (int layer = -1; layer < config.Layers; layer++)
        {
            cancel.ThrowIfCancellationRequested();
            if (layer >= 0) AttendStreams(pass, layer, worker);
            RowBlock(pass, layer, 0, worker);
        }

        return (float*)layers[^1].Output;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FloatBuffer buffer in scratch) buffer.Dispose();
        foreach (FloatBuffer buffer in own) buffer.Dispose();
        shared.Dispose();
    }

    private long ScratchFloats(int block, int longest) => BlockScratchFloats(block) + Attention<V>.ScratchFloats(shape, longest);

    // One set of buffers for all layers.
    private LayerBuffers[] Transient(FloatBuffer buffer, long rows)
    {
        long hidden = rows * shape.HiddenStride, qkv = rows * shape.QueryKeyValueStride;
        float* x = buffer.Ensure(hidden + qkv + (rows * shape.QueryStride));
        var layers = new LayerBuffers[config.Layers];
        Array.Fill(layers, new LayerBuffers((nint)x, (nint)(x + hidden), 0, (nint)(x + hidden + qkv), 0, (nint)x, 0, (nint)x));
        return layers;
    }

    /// <summary>Whether a layer's weights fit into a core's own cache, so that every thread may read them all, and several streams' new tokens are best
    /// computed by <see cref="Decode"/>.</summary>
    public bool SmallWeights =>
        (long)shape.HiddenStride * (shape.QueryKeyValueStride + shape.QueryStride + (3L * shape.IntermediateStride)) * sizeof(float) <= 1 << 20;

    /// <summary>Rows per task: at most 96, fewer if that leaves a thread without about three tasks.</summary>
    private int BlockRows(int rows)
    {
        int tasks = 3 * pool.Threads, share = (rows + tasks - 1) / tasks;
        return Math.Clamp((share + 5) / 6 * 6, 6, MaxBlockRows);
    }

    private long BlockScratchFloats(int block) => (long)block * ((2 * shape.HiddenStride) + shape.GateUpStride + shape.IntermediateStride);

    // The row-wise operations between two attentions: the end of layer `after` (−1: the embedding) and the beginning of the next.
    private void RowBlock(Pass pass, int after, int task, int worker)
    {
        int row = task * pass.Block, count = Math.Min(pass.Block, pass.Batch.Rows - row), next = after + 1;
        float* own = scratch[worker].Pointer;
        if (after < 0) Embed(pass.Batch, row, count, (float*)pass.Layers[0].Input);
        else AfterAttention(after, pass.Layers[after], row, count, own, pass.Inner, pass.Dropout);
        if (next < config.Layers) BeforeAttention(pass, next, row, count, own);
    }

    private void Embed(RowBatch batch, int row, int count, float* x)
    {
        float* table = parameters[parameters.Layout.Embedding];
        for (int r = row; r < row + count; r++)
        {
            Buffer.MemoryCopy(
                table + ((long)batch.Tokens[r] * shape.HiddenStride), x + ((long)r * shape.HiddenStride),
                shape.HiddenStride * sizeof(float), shape.HiddenStride * sizeof(float));
        }
    }

    // Norm, q k v, their norm and rotation, and the keys and values into the pages.
    private void BeforeAttention(Pass pass, int layer, int row, int count, float* own)
    {
        LayerBuffers buffers = pass.Layers[layer];
        RowBatch batch = pass.Batch;
        LayerSlots slots = parameters.Layout.Layers[layer];
        PackedGroup group = parameters.QueryKeyValue[layer];
        int stride = shape.HiddenStride, width = shape.QueryKeyValueStride;
        float* x = (float*)buffers.Input + ((long)row * stride), target = (float*)buffers.QueryKeyValue + ((long)row * width);
        for (int r = 0; r < count; r++)
        {
            RmsNorm<V>.Forward(x + (r * stride), parameters[slots.InputNorm], own + (r * stride), shape.Hidden, stride, epsilon);
        }

        Gemm<V>.Multiply(pass.Inner, count, width, shape.Hidden, own, stride, 1, parameters.Forward(group), target, width, false);
        int segment = SegmentOf(batch, row);
        for (int r = 0; r < count; r++)
        {
            float* q = target + ((long)r * width), k = q + shape.QueryStride, v = k + shape.KeyStride;
            if (slots.QueryBias is { } bias)
            {
                RowOperations<V>.Add(q, parameters[bias], q, shape.QueryStride);
                RowOperations<V>.Add(k, parameters[slots.KeyBias!], k, shape.KeyStride);
                RowOperations<V>.Add(v, parameters[slots.ValueBias!], v, shape.KeyStride);
            }

            if (slots.QueryNorm is { } norm)
            {
                if (buffers.RawQueryKey != 0)
                {
                    int raw = shape.QueryStride + shape.KeyStride;
                    new Span<float>(q, raw).CopyTo(new Span<float>((float*)buffers.RawQueryKey + ((long)(row + r) * raw), raw));
                }

                NormHeads(q, shape.Heads, parameters[norm]);
                NormHeads(k, shape.KeyValueHeads, parameters[slots.KeyNorm!]);
            }

            RotateHeads(q, k, batch.Positions[row + r], 1f);
            while (row + r >= batch.Segments[segment].Row + batch.Segments[segment].Count) segment++;
            if (pass.ByStreams) continue;
            int position = batch.Positions[row + r];
            pass.Pages.Write(batch.Segments[segment].Pages[position / KeyValuePages.Tokens], position % KeyValuePages.Tokens, layer, k, v);
        }
    }

    // The attention's projection and the MLP, each added to the residual stream.
    private void AfterAttention(int layer, LayerBuffers buffers, int row, int count, float* own, WorkerPool? inner, Dropout? dropout)
    {
        LayerSlots slots = parameters.Layout.Layers[layer];
        int stride = shape.HiddenStride;
        float* x = (float*)buffers.Input + ((long)row * stride), middle = (float*)buffers.Middle + ((long)row * stride);
        float* output = (float*)buffers.Output + ((long)row * stride), attendedRows = (float*)buffers.Attended + ((long)row * shape.QueryStride);
        float* normed = own, branch = normed + ((long)count * stride), hidden = branch + ((long)count * stride);
        float* gateUp = buffers.GateUp != 0
            ? (float*)buffers.GateUp + ((long)row * shape.GateUpStride)
            : hidden + ((long)count * shape.IntermediateStride);

        Gemm<V>.Multiply(
            inner, count, stride, config.Heads * config.HeadSize, attendedRows, shape.QueryStride, 1,
            parameters.Forward(parameters.Output[layer]), branch, stride, false);
        for (int r = 0; r < count; r++)
        {
            float* y = branch + (r * stride);
            if (slots.OutputBias is { } bias) RowOperations<V>.Add(y, parameters[bias], y, stride);
            dropout?.Apply(y, layer, 0, row + r, shape.Hidden);
            RowOperations<V>.Add(x + (r * stride), y, middle + (r * stride), stride);
            RmsNorm<V>.Forward(middle + (r * stride), parameters[slots.PostNorm], normed + (r * stride), shape.Hidden, stride, epsilon);
        }

        Gemm<V>.Multiply(
            inner, count, shape.GateUpStride, shape.Hidden, normed, stride, 1, parameters.Forward(parameters.GateUp[layer]), gateUp, shape.GateUpStride, false);
        for (int r = 0; r < count; r++)
        {
            float* gate = gateUp + ((long)r * shape.GateUpStride);
            RowOperations<V>.SwiGlu(gate, gate + shape.IntermediateStride, hidden + ((long)r * shape.IntermediateStride), shape.IntermediateStride);
        }

        Gemm<V>.Multiply(
            inner, count, stride, config.IntermediateSize, hidden, shape.IntermediateStride, 1,
            parameters.Forward(parameters.Down[layer]), branch, stride, false);
        for (int r = 0; r < count; r++)
        {
            float* y = branch + (r * stride);
            dropout?.Apply(y, layer, 1, row + r, shape.Hidden);
            RowOperations<V>.Add(middle + (r * stride), y, output + (r * stride), stride);
        }
    }

    private void NormHeads(float* x, int heads, float* weight)
    {
        int size = shape.HeadSize;
        if (size % 16 == 0)
        {
            for (int h = 0; h < heads; h++) RmsNorm<V>.Forward(x + (h * size), weight, x + (h * size), size, size, epsilon);
            return;
        }

        float* padded = stackalloc float[shape.HeadStride];
        for (int h = 0; h < heads; h++)
        {
            new Span<float>(padded, shape.HeadStride).Clear();
            new Span<float>(x + (h * size), size).CopyTo(new Span<float>(padded, size));
            RmsNorm<V>.Forward(padded, weight, padded, size, shape.HeadStride, epsilon);
            new Span<float>(padded, size).CopyTo(new Span<float>(x + (h * size), size));
        }
    }

    private void RotateHeads(float* q, float* k, int position, float sign)
    {
        int half = Rope.Half;
        fixed (float* cosines = &Rope.Cosines[position * half], sines = &Rope.Sines[position * half])
        {
            RowOperations<V>.Rotate(q, shape.Heads, cosines, sines, half, sign);
            RowOperations<V>.Rotate(k, shape.KeyValueHeads, cosines, sines, half, sign);
        }
    }

    private void PlanAttention(RowBatch batch)
    {
        attentionTasks.Clear();
        for (int s = 0; s < batch.Segments.Count; s++)
        {
            Segment segment = batch.Segments[s];
            for (int h = 0; h < shape.KeyValueHeads; h++)
            {
                for (int first = 0; first < segment.Count; first += AttentionRows)
                {
                    attentionTasks.Add((s, h, first, Math.Min(AttentionRows, segment.Count - first)));
                }
            }
        }
    }

    private void Attend(Pass pass, int layer)
    {
        LayerBuffers buffers = pass.Layers[layer];
        void One(int task, int worker)
        {
            (int s, int head, int first, int count) = attentionTasks[task];
            pass.Attention.Forward(
                layer, pass.Batch.Segments[s], head, first, count,
                (float*)buffers.QueryKeyValue, (float*)buffers.Attended, (float*)buffers.Statistics, scratch[worker].Pointer);
        }

        // Few small tasks finish before another thread would have woken.
        if ((long)pass.Batch.Rows * pass.Batch.Longest * shape.QueryStride < 1 << 16)
        {
            for (int task = 0; task < attentionTasks.Count; task++) One(task, 0);
        }
        else
        {
            pool.Run(attentionTasks.Count, One);
        }
    }

    // One row per stream: all heads in one task if the streams suffice to keep the threads busy.
    private void AttendDecoding(Pass pass, int layer)
    {
        int streams = pass.Batch.Rows;
        bool wholeStreams = streams >= 4 * pool.Threads || (long)streams * pass.Batch.Longest * shape.QueryStride < 1 << 16;
        int heads = wholeStreams ? shape.KeyValueHeads : 1;
        int parts = shape.KeyValueHeads / heads;
        if (parts == 1 && streams < 4 * pool.Threads)
        {
            for (int row = 0; row < streams; row++) DecodeHeads(pass, layer, row, 0, heads, 0);
        }
        else
        {
            pool.Run(streams * parts, (task, worker) => DecodeHeads(pass, layer, task / parts, task % parts * heads, heads, worker));
        }
    }

    // Each stream's key and value are written to its page during the attention of the stream before, so that its cache lines are loaded in time.
    private void AttendStreams(Pass pass, int layer, int worker)
    {
        WriteRow(pass, layer, 0);
        for (int row = 0; row < pass.Batch.Rows; row++)
        {
            if (row + 1 < pass.Batch.Rows) WriteRow(pass, layer, row + 1);
            DecodeHeads(pass, layer, row, 0, shape.KeyValueHeads, worker);
        }
    }

    private void WriteRow(Pass pass, int layer, int row)
    {
        Segment segment = pass.Batch.Segments[row];
        float* k = (float*)pass.Layers[layer].QueryKeyValue + ((long)row * shape.QueryKeyValueStride) + shape.QueryStride;
        pass.Pages.Write(segment.Pages[segment.Start / KeyValuePages.Tokens], segment.Start % KeyValuePages.Tokens, layer, k, k + shape.KeyStride);
    }

    private void DecodeHeads(Pass pass, int layer, int row, int head, int heads, int worker) =>
        pass.Attention.Decode(
            layer, pass.Batch.Segments[row], head, heads,
            (float*)pass.Layers[layer].QueryKeyValue, (float*)pass.Layers[layer].Attended, scratch[worker].Pointer);

    private void CopyShared(RowBatch batch, KeyValuePages pages, int layer, LayerBuffers buffers)
    {
        foreach ((int row, int page, int slot) in batch.Copies)
        {
            float* k = (float*)buffers.QueryKeyValue + ((long)row * shape.QueryKeyValueStride) + shape.QueryStride;
            pages.Write(page, slot, layer, k, k + shape.KeyStride);
        }
    }

    private static int SegmentOf(RowBatch batch, int row)
    {
        int low = 0, high = batch.Segments.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (batch.Segments[middle].Row <= row) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private sealed record Pass(
        RowBatch Batch, KeyValuePages Pages, LayerBuffers[] Layers, Dropout? Dropout, Attention<V> Attention, int Block, WorkerPool? Inner, bool ByStreams);
}
