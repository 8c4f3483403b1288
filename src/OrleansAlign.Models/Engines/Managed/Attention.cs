using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Causal grouped-query attention over pages: score rows of six queries at a time, never a T × T matrix.</summary>
/// <remarks>
/// Per row: scores with lanes over keys and the chain over d; maximum; exponentials; their sum in sixteen lanes by key index; then Σ p v with lanes
/// over d and the chain over keys in ascending order. Keys beyond a row's own position, or before its window, contribute exact zeros or are not visited,
/// and rows begin with a whole page, so that a row has the same bits whether it is decoded alone, prefilled or trained on.
/// </remarks>
internal sealed unsafe class Attention<V>(Shape shape, KeyValuePages pages)
    where V : struct, ISimd<V>
{
    /// <summary>Query rows per tile.</summary>
    public const int TileRows = 6;

    /// <summary>Floats of scratch needed for streams up to <paramref name="longest"/> tokens.</summary>
    public static long ScratchFloats(Shape shape, int longest) =>
        (Math.Max(TileRows, shape.Heads) * ((2L * shape.HeadStride) + ScoreStride(longest) + 16)) + (2L * KeyValuePages.PagesFor(longest)) + 16;

    /// <summary>One key/value head's query group for some rows of a segment.</summary>
    /// <param name="layer">The layer, for the pages.</param>
    /// <param name="segment">The stream.</param>
    /// <param name="head">The key/value head.</param>
    /// <param name="first">First row within the segment.</param>
    /// <param name="count">Rows.</param>
    /// <param name="qkv">[rows of the batch, q | k | v]; keys and values are read from the pages.</param>
    /// <param name="output">[rows of the batch, heads · D].</param>
    /// <param name="statistics">If not null, [rows of the batch, heads, 2]: maximum score and 1 / Σ exp.</param>
    /// <param name="scratch">Scratch of the calling thread.</param>
    public void Forward(int layer, in Segment segment, int head, int first, int count, float* qkv, float* output, float* statistics, float* scratch)
    {
        int size = shape.HeadSize, group = shape.Group;
        int scoreStride = ScoreStride(segment.Start + segment.Count);
        float* q = scratch, o = q + (TileRows * shape.HeadStride), scores = o + (TileRows * shape.HeadStride);
        int rows = count * group;
        float* inverse = stackalloc float[TileRows];
        for (int r0 = 0; r0 < rows; r0 += TileRows)
        {
            int n = Math.Min(TileRows, rows - r0);
            for (int r = 0; r < n; r++)
            {
                int row = segment.Row + first + ((r0 + r) / group), queryHead = (head * group) + ((r0 + r) % group);
                RowOperations<V>.Scale(
                    qkv + ((long)row * shape.QueryKeyValueStride) + (queryHead * size), shape.AttentionScale, q + (r * shape.HeadStride), size);
            }

            // Scores and keys are counted from the first page that the tile's first row sees.
            int skipped = shape.FirstKey(layer, segment.Start + first + (r0 / group)) / KeyValuePages.Tokens, start = skipped * KeyValuePages.Tokens;
            ReadOnlySpan<int> own = segment.Pages.AsSpan(skipped);
            int keys = segment.Start + first + ((r0 + n - 1) / group) + 1 - start, pageCount = KeyValuePages.PagesFor(keys), page = 0;
            for (; page + 2 <= pageCount; page += 2)
            {
                Gemm<V>.PanelPair(
                    n, size, q, shape.HeadStride, 1,
                    pages.Keys(own[page], layer, head), pages.Keys(own[page + 1], layer, head), KeyValuePages.Tokens,
                    scores + (page * KeyValuePages.Tokens), scoreStride, false);
            }

            if (page < pageCount)
            {
                Gemm<V>.Panel(
                    n, size, q, shape.HeadStride, 1, pages.Keys(own[page], layer, head), KeyValuePages.Tokens,
                    scores + (page * KeyValuePages.Tokens), scoreStride, false);
            }

            for (int r = 0; r < n; r++)
            {
                int position = first + ((r0 + r) / group), visible = segment.Start + position + 1 - start;
                int hidden = shape.FirstKey(layer, segment.Start + position) - start;
                float* row = scores + ((long)r * scoreStride);
                if (hidden > 0) new Span<float>(row, hidden).Fill(float.NegativeInfinity);
                float max = LaneReduction<V>.Max(row, visible);
                inverse[r] = 1f / LaneReduction<V>.ExpAndSum(row, visible, max, row);
                for (int j = (visible + 15) / 16 * 16; j < keys; j++) row[j] = 0;
                if (statistics != null)
                {
                    float* target = statistics + ((((long)(segment.Row + position) * shape.Heads) + (head * group) + ((r0 + r) % group)) * 2);
                    target[0] = max;
                    target[1] = inverse[r];
                }
            }

            for (page = 0; page < pageCount; page++)
            {
                int steps = Math.Min(KeyValuePages.Tokens, keys - (page * KeyValuePages.Tokens));
                Panels values = Panels.RowMajor(pages.Values(own[page], layer, head), size);
                Gemm<V>.Block(n, shape.HeadStride, steps, scores + (page * KeyValuePages.Tokens), scoreStride, 1, values, o, shape.HeadStride, page > 0);
            }

            for (int r = 0; r < n; r++)
            {
                int row = segment.Row + first + ((r0 + r) / group), queryHead = (head * group) + ((r0 + r) % group);
                RowOperations<V>.Scale(o + (r * shape.HeadStride), inverse[r], output + ((long)row * shape.QueryStride) + (queryHead * size), size);
            }
        }
    }

    /// <summary>One decoded row: some key/value heads of its stream, by <see cref="DecodeKernel{V}"/>.</summary>
    /// <param name="layer">The layer, for the pages.</param>
    /// <param name="segment">The stream; it has one row.</param>
    /// <param name="head">First key/value head.</param>
    /// <param name="count">Key/value heads.</param>
    /// <param name="qkv">[rows of the batch, q | k | v].</param>
    /// <param name="output">[rows of the batch, heads · D].</param>
    /// <param name="scratch">Scratch of the calling thread.</param>
    public void Decode(int layer, in Segment segment, int head, int count, float* qkv, float* output, float* scratch)
    {
        int hidden = shape.FirstKey(layer, segment.Start), skipped = hidden / KeyValuePages.Tokens, keys = segment.Start + 1 - (skipped * KeyValuePages.Tokens);
        int size = shape.HeadSize, group = shape.Group, rows = count * group, first = head * group * size;
        hidden -= skipped * KeyValuePages.Tokens;
        int pageCount = KeyValuePages.PagesFor(keys);
        float* q = scratch, o = q + (rows * shape.HeadStride), inverse = o + (rows * shape.HeadStride), scores = inverse + ((rows + 15) / 16 * 16);
        float** addresses = (float**)(scores + DecodeKernel<V>.ScoreFloats(rows, keys));
        for (int page = 0; page < pageCount; page++) addresses[page] = pages.Keys(segment.Pages[skipped + page], layer, head);
        RowOperations<V>.Scale(qkv + ((long)segment.Row * shape.QueryKeyValueStride) + first, shape.AttentionScale, q, rows * size);
        DecodeKernel<V>.Scores(count, group, size, q, addresses, pages.HeadStride, keys, scores);
        for (int r = 0; hidden > 0 && r < rows; r++) new Span<float>(scores + (r * DecodeKernel<V>.Block), hidden).Fill(float.NegativeInfinity);
        DecodeKernel<V>.Softmax(rows, keys, scores, inverse);
        for (int page = 0; page < pageCount; page++) addresses[page] += pages.ValuesOffset;
        float* target = output + ((long)segment.Row * shape.QueryStride) + first;
        if (size % 4 == 0)
        {
            DecodeKernel<V>.Values(rows, group, size, addresses, pages.HeadStride, keys, scores, inverse, target, size);
            return;
        }

        DecodeKernel<V>.Values(rows, group, size, addresses, pages.HeadStride, keys, scores, inverse, o, shape.HeadStride);
        for (int r = 0; r < rows; r++) new Span<float>(o + (r * shape.HeadStride), size).CopyTo(new Span<float>(target + (r * size), size));
    }

    // At distances of powers of two, rows of scores would share cache sets; sixteen more floats spread them.
    private static int ScoreStride(int longest) => ((longest + 63) / 64 * 64) + 16;
}
