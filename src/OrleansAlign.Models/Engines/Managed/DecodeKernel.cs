using System.Runtime.CompilerServices;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Attention of one new token over its stream's pages, all heads in one call each for scores, softmax and Σ p v.</summary>
/// <remarks>
/// A decoded row has few and short chains per head: run head by head, latency and calls dominate. Here the loop over heads is inside the kernel, and tiles
/// are chosen by the number of visible keys. Scores lie as [keys / 64][rows][64], so that the rows of a block are at constant
/// distances. Every element is the chain that <see cref="Attention{V}.Forward"/> computes.
/// </remarks>
internal static unsafe class DecodeKernel<V>
    where V : struct, ISimd<V>
{
    /// <summary>Keys per block of scores: two pages.</summary>
    public const int Block = 64;

    // NoInlining: inlined into a caller, the accumulators would be spilled.
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    /// <summary>Floats of scores for the given numbers of query rows and keys.</summary>
    public static long ScoreFloats(int rows, int keys) => (keys + Block - 1L) / Block * Block * rows;

    /// <summary>q · k of every query row and visible key, chains over d.</summary>
    /// <param name="heads">Key/value heads.</param>
    /// <param name="group">Query rows per head.</param>
    /// <param name="size">D.</param>
    /// <param name="q">[heads · group, D].</param>
    /// <param name="pages">Keys [D, 32] of the first head in each page of the stream.</param>
    /// <param name="headStride">Floats from one head's keys to the next's.</param>
    /// <param name="keys">Visible keys.</param>
    /// <param name="scores">[keys / 64, heads · group, 64]; values beyond the visible keys are unspecified.</param>
    public static void Scores(int heads, int group, int size, float* q, float** pages, nint headStride, int keys, float* scores)
    {
        nint blockStride = (nint)heads * group * Block;
        for (int key = 0; key < keys;)
        {
            int left = keys - key;
            float* k = pages[key / KeyValuePages.Tokens] + (key % KeyValuePages.Tokens), target = scores + ((key / Block) * blockStride) + (key % Block);
            if (V.Count == 16)
            {
                // 64 keys of two pages, 32 or 16.
                if (left > 48 && key % Block == 0)
                {
                    ScoreTile<TileRow4<V>>(heads, group, size, q, k, pages[(key / KeyValuePages.Tokens) + 1], headStride, target);
                    key += 64;
                }
                else if (left > 16)
                {
                    ScoreTile<TileRow2<V>>(heads, group, size, q, k, k, headStride, target);
                    key += 32;
                }
                else
                {
                    ScoreTile<TileRow1<V>>(heads, group, size, q, k, k, headStride, target);
                    key += 16;
                }
            }
            else if (V.Count == 8 && left > 16 && key % KeyValuePages.Tokens == 0)
            {
                ScoreTile<TileRow4<V>>(heads, group, size, q, k, k + 16, headStride, target);
                key += 32;
            }
            else
            {
                if (V.Count == 8) ScoreTile<TileRow2<V>>(heads, group, size, q, k, k, headStride, target);
                else ScoreTile<TileRow4<V>>(heads, group, size, q, k, k + 8, headStride, target);
                key += 16;
            }
        }
    }

    /// <summary>Scores become e^(score − maximum); inverse becomes 1 / their sum, which is taken in sixteen lanes by key.</summary>
    public static void Softmax(int rows, int keys, float* scores, float* inverse)
    {
        // Keys beyond the visible ones become −∞: they are never the maximum, and their exponentials are exactly 0.
        int last = (keys - 1) / 16 * 16, row = 0;
        nint blockStride = (nint)rows * Block;
        V lowest = V.Create(float.NegativeInfinity), limit = V.Create(keys - last);
        float* end = scores + (last / Block * blockStride) + (last % Block);
        for (int r = 0; r < rows; r++, end += Block)
        {
            for (int i = 0; i < 16; i += V.Count) V.Store(V.SelectLess(V.Ramp(i), limit, V.Load(end + i), lowest), end + i);
        }

        if (V.Count == 16)
        {
            for (; row + 4 <= rows; row += 4) SoftmaxOfFour(keys, scores + (row * Block), blockStride, inverse + row);
        }

        for (; row < rows; row++) inverse[row] = SoftmaxOfOne(keys, scores + (row * Block), blockStride);
    }

    [MethodImpl(Hot)]
    private static float SoftmaxOfOne(int keys, float* scores, nint blockStride)
    {
        V zero = V.Create(0f), max = V.Create(float.NegativeInfinity), a = zero, b = zero, c = zero, d = zero;
        float* row = scores;
        for (int left = keys; left > 0; left -= Block, row += blockStride)
        {
            int part = (Math.Min(left, Block) + 15) / 16 * 16;
            for (int i = 0; i < part; i += V.Count) max = V.Max(max, V.Load(row + i));
        }

        V shift = V.Create(V.MaxLane(max));
        row = scores;
        for (int left = keys; left > 0; left -= Block, row += blockStride)
        {
            int part = Math.Min(left, Block);
            for (int i = 0; i < part; i += 16)
            {
                a += Exponential(row + i, shift);
                if (V.Count <= 8) b += Exponential(row + i + V.Count, shift);
                if (V.Count <= 4)
                {
                    c += Exponential(row + i + 8, shift);
                    d += Exponential(row + i + 12, shift);
                }
            }
        }

        return 1f / V.SumOfSixteen(a, b, c, d);
    }

    // Vectors of sixteen only. The chain of an exponential is long: four rows at a time hide it.
    [MethodImpl(Hot)]
    private static void SoftmaxOfFour(int keys, float* scores, nint blockStride, float* inverse)
    {
        V zero = V.Create(0f), m0 = V.Load(scores), m1 = V.Load(scores + Block), m2 = V.Load(scores + (2 * Block)), m3 = V.Load(scores + (3 * Block));
        float* row = scores;
        for (int left = keys; left > 0; left -= Block, row += blockStride)
        {
            int part = Math.Min(left, Block);
            for (int i = 0; i < part; i += 16)
            {
                m0 = V.Max(m0, V.Load(row + i));
                m1 = V.Max(m1, V.Load(row + i + Block));
                m2 = V.Max(m2, V.Load(row + i + (2 * Block)));
                m3 = V.Max(m3, V.Load(row + i + (3 * Block)));
            }
        }

        m0 = V.Create(V.MaxLane(m0));
        m1 = V.Create(V.MaxLane(m1));
        m2 = V.Create(V.MaxLane(m2));
        m3 = V.Create(V.MaxLane(m3));
        V s0 = zero, s1 = zero, s2 = zero, s3 = zero;
        row = scores;
        for (int left = keys; left > 0; left -= Block, row += blockStride)
        {
            int part = Math.Min(left, Block);
            for (int i = 0; i < part; i += 16)
            {
                float* p = row + i;
                V x0 = V.Load(p) - m0, x1 = V.Load(p + Block) - m1, x2 = V.Load(p + (2 * Block)) - m2, x3 = V.Load(p + (3 * Block)) - m3;
                VectorMath<V>.ExpOfNegative(ref x0, ref x1, ref x2, ref x3);
                V.Store(x0, p);
                V.Store(x1, p + Block);
                V.Store(x2, p + (2 * Block));
                V.Store(x3, p + (3 * Block));
                s0 += x0;
                s1 += x1;
                s2 += x2;
                s3 += x3;
            }
        }

        inverse[0] = 1f / V.SumOfSixteen(s0, zero, zero, zero);
        inverse[1] = 1f / V.SumOfSixteen(s1, zero, zero, zero);
        inverse[2] = 1f / V.SumOfSixteen(s2, zero, zero, zero);
        inverse[3] = 1f / V.SumOfSixteen(s3, zero, zero, zero);
    }

    /// <summary>Σ p v / Σ p of every query row, chains over the keys.</summary>
    /// <param name="rows">Query rows.</param>
    /// <param name="group">Query rows per head.</param>
    /// <param name="size">D.</param>
    /// <param name="pages">Values [32, D] of the first head in each page of the stream.</param>
    /// <param name="headStride">Floats from one head's values to the next's.</param>
    /// <param name="keys">Visible keys.</param>
    /// <param name="weights">p, as <see cref="Softmax"/> leaves it.</param>
    /// <param name="inverse">1 / Σ p by row.</param>
    /// <param name="output">[rows, outputStride].</param>
    /// <param name="outputStride">At least D rounded up to a multiple of 4, since columns are written in fours.</param>
    public static void Values(
        int rows, int group, int size, float** pages, nint headStride, int keys, float* weights, float* inverse, float* output, nint outputStride)
    {
        var call = new Call(rows, group, size, pages, headStride, keys, weights, inverse, output, outputStride);
        int column = 0, wide = 4 * V.Count;
        for (; column + wide <= size; column += wide) Columns<TileRow4<V>>(call, column, false);
        if (column + (2 * V.Count) <= size)
        {
            Columns<TileRow2<V>>(call, column, false);
            column += 2 * V.Count;
        }

        if (column + V.Count <= size)
        {
            Columns<TileRow1<V>>(call, column, true);
            column += V.Count;
        }

        // Heads narrower than a vector take a narrower vector.
        if (V.Count == 16 && column + 8 <= size)
        {
            Columns<TileRow1<Simd256>>(call, column, true);
            column += 8;
        }

        for (; column < size; column += 4) Columns<TileRow1<Simd128>>(call, column, true);
    }

    [MethodImpl(Hot)]
    private static void ScoreTile<TRow>(int heads, int group, nint size, float* q, float* k0, float* k1, nint headStride, float* c)
        where TRow : struct, ITileRow<TRow>
    {
        for (; heads > 0; heads--, k0 += headStride, k1 += headStride)
        {
            int rows = group;
            for (; rows >= 2; rows -= 2, q += 2 * size, c += 2 * Block)
            {
                TRow r0 = default, r1 = default;
                float* a0 = q, a1 = q + size, b0 = k0, b1 = k1;
                for (nint d = 0; d < size; d++)
                {
                    TRow b = TRow.LoadB(b0, b1);
                    b0 += KeyValuePages.Tokens;
                    b1 += KeyValuePages.Tokens;
                    r0 = TRow.Fma(a0 + d, b, r0);
                    r1 = TRow.Fma(a1 + d, b, r1);
                }

                TRow.StoreC(r0, c);
                TRow.StoreC(r1, c + Block);
            }

            if (rows > 0)
            {
                TRow r0 = default;
                float* b0 = k0, b1 = k1;
                for (nint d = 0; d < size; d++)
                {
                    r0 = TRow.Fma(q + d, TRow.LoadB(b0, b1), r0);
                    b0 += KeyValuePages.Tokens;
                    b1 += KeyValuePages.Tokens;
                }

                TRow.StoreC(r0, c);
                q += size;
                c += Block;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Exponential(float* x, V shift)
    {
        V p = VectorMath<V>.ExpOfNegative(V.Load(x) - shift);
        V.Store(p, x);
        return p;
    }

    private static void Columns<TRow>(in Call call, int column, bool narrow)
        where TRow : struct, ITileRow<TRow>
    {
        int row = 0;
        if (narrow && call.Group % 2 == 0)
        {
            for (; row + 8 <= call.Rows; row += 8) Eight<TRow>(call, row, column);
        }

        for (; row + 4 <= call.Rows; row += 4) Four<TRow>(call, row, column);
        for (; row < call.Rows; row++) One<TRow>(call, row, column);
    }

    // Eight rows of which each pair shares its values.
    [MethodImpl(Hot)]
    private static void Eight<TRow>(in Call call, int row, int column)
        where TRow : struct, ITileRow<TRow>
    {
        TRow r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default, r6 = default, r7 = default;
        nint size = call.Size, o0 = call.Head(row, column), o1 = call.Head(row + 2, column), o2 = call.Head(row + 4, column), o3 = call.Head(row + 6, column);
        for (int page = 0, left = call.Keys; left > 0; page++, left -= KeyValuePages.Tokens)
        {
            float* p = call.WeightsOf(page, row), v = call.Pages[page];
            float* v0 = v + o0, v1 = v + o1, v2 = v + o2, v3 = v + o3;
            for (int steps = Math.Min(left, KeyValuePages.Tokens); steps > 0; steps--)
            {
                TRow b = TRow.LoadC(v0);
                r0 = TRow.Fma(p, b, r0);
                r1 = TRow.Fma(p + Block, b, r1);
                b = TRow.LoadC(v1);
                r2 = TRow.Fma(p + (2 * Block), b, r2);
                r3 = TRow.Fma(p + (3 * Block), b, r3);
                b = TRow.LoadC(v2);
                r4 = TRow.Fma(p + (4 * Block), b, r4);
                r5 = TRow.Fma(p + (5 * Block), b, r5);
                b = TRow.LoadC(v3);
                r6 = TRow.Fma(p + (6 * Block), b, r6);
                r7 = TRow.Fma(p + (7 * Block), b, r7);
                p++;
                v0 += size;
                v1 += size;
                v2 += size;
                v3 += size;
            }
        }

        float* o = call.Output + (row * call.OutputStride) + column, scale = call.Inverse + row;
        TRow.StoreC(TRow.Scale(scale, r0), o);
        TRow.StoreC(TRow.Scale(scale + 1, r1), o += call.OutputStride);
        TRow.StoreC(TRow.Scale(scale + 2, r2), o += call.OutputStride);
        TRow.StoreC(TRow.Scale(scale + 3, r3), o += call.OutputStride);
        TRow.StoreC(TRow.Scale(scale + 4, r4), o += call.OutputStride);
        TRow.StoreC(TRow.Scale(scale + 5, r5), o += call.OutputStride);
        TRow.StoreC(TRow.Scale(scale + 6, r6), o += call.OutputStride);
        TRow.StoreC(TRow.Scale(scale + 7, r7), o + call.OutputStride);
    }

    [MethodImpl(Hot)]
    private static void Four<TRow>(in Call call, int row, int column)
        where TRow : struct, ITileRow<TRow>
    {
        TRow r0 = default, r1 = default, r2 = default, r3 = default;
        nint size = call.Size, o0 = call.Head(row, column), o1 = call.Head(row + 1, column), o2 = call.Head(row + 2, column), o3 = call.Head(row + 3, column);
        for (int page = 0, left = call.Keys; left > 0; page++, left -= KeyValuePages.Tokens)
        {
            float* p = call.WeightsOf(page, row), v = call.Pages[page];
            float* v0 = v + o0, v1 = v + o1, v2 = v + o2, v3 = v + o3;
            for (int steps = Math.Min(left, KeyValuePages.Tokens); steps > 0; steps--)
            {
                r0 = TRow.Fma(p, TRow.LoadC(v0), r0);
                r1 = TRow.Fma(p + Block, TRow.LoadC(v1), r1);
                r2 = TRow.Fma(p + (2 * Block), TRow.LoadC(v2), r2);
                r3 = TRow.Fma(p + (3 * Block), TRow.LoadC(v3), r3);
                p++;
                v0 += size;
                v1 += size;
                v2 += size;
                v3 += size;
            }
        }

        float* o = call.Output + (row * call.OutputStride) + column, scale = call.Inverse + row;
        TRow.StoreC(TRow.Scale(scale, r0), o);
        TRow.StoreC(TRow.Scale(scale + 1, r1), o += call.OutputStride);
        TRow.StoreC(TRow.Scale(scale + 2, r2), o += call.OutputStride);
        TRow.StoreC(TRow.Scale(scale + 3, r3), o + call.OutputStride);
    }

    [MethodImpl(Hot)]
    private static void One<TRow>(in Call call, int row, int column)
        where TRow : struct, ITileRow<TRow>
    {
        TRow r0 = default;
        nint size = call.Size, head = call.Head(row, column);
        for (int page = 0, left = call.Keys; left > 0; page++, left -= KeyValuePages.Tokens)
        {
            float* p = call.WeightsOf(page, row), v = call.Pages[page] + head;
            for (int steps = Math.Min(left, KeyValuePages.Tokens); steps > 0; steps--, v += size) r0 = TRow.Fma(p++, TRow.LoadC(v), r0);
        }

        TRow.StoreC(TRow.Scale(call.Inverse + row, r0), call.Output + (row * call.OutputStride) + column);
    }

    // Arguments that the tiles of one call of Values share.
    private readonly ref struct Call(
        int rows, int group, int size, float** pages, nint headStride, int keys, float* weights, float* inverse, float* output, nint outputStride)
    {
        public readonly int Rows = rows, Group = group, Size = size, Keys = keys;
        public readonly float** Pages = pages;
        public readonly float* Inverse = inverse, Output = output;
        public readonly nint OutputStride = outputStride;
        private readonly nint headStride = headStride;
        private readonly float* weights = weights;

        public nint Head(int row, int column) => (row / Group * headStride) + column;

        public float* WeightsOf(int page, int row) => weights + ((((long)(page / 2) * Rows) + row) * Block) + (page % 2 * KeyValuePages.Tokens);
    }
}
