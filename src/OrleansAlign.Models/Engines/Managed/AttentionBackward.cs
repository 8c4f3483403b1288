using System.Runtime.CompilerServices;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>The gradient of causal grouped-query attention for one sequence and key/value head, without a T × T matrix.</summary>
/// <remarks>
/// With p = softmax(q·k) recomputed from the saved maximum and sum, and o = Σ p v: dv = Σ pᵀ do, dp = do·v, ds = p (dp − do·o), dq = Σ ds k,
/// dk = Σ dsᵀ q. Queries pass in ascending order (position, then head of the group), so that dk and dv are chains in that order.
/// </remarks>
internal sealed unsafe class AttentionBackward<V>(Shape shape)
    where V : struct, ISimd<V>
{
    /// <summary>Query rows per tile; scores are recomputed in sub-tiles of six, each up to its own last visible key.</summary>
    private const int TileRows = 24;

    private const int SubRows = 6;

    /// <summary>Floats of scratch for sequences up to <paramref name="longest"/> tokens.</summary>
    public static long ScratchFloats(Shape shape, int longest)
    {
        long padded = ParameterLayout.Pad(longest);
        return (padded * ((2L * shape.HeadSize) + (3L * shape.HeadStride))) + (TileRows * ((2L * Stride(longest)) + (4L * shape.HeadStride)));
    }

    /// <summary>Fills dq, dk and dv of one key/value head.</summary>
    /// <param name="row">First row of the sequence.</param>
    /// <param name="count">Its tokens.</param>
    /// <param name="head">The key/value head.</param>
    /// <param name="window">Tokens that a token sees, itself included.</param>
    /// <param name="qkv">[M, q | k | v], rotated.</param>
    /// <param name="output">[M, heads · D], the attention's output.</param>
    /// <param name="dOutput">Its gradient.</param>
    /// <param name="statistics">[M, heads, 2]: maximum and 1 / Σ exp.</param>
    /// <param name="dQkv">Receives [M, dq | dk | dv].</param>
    /// <param name="scratch">Scratch of the calling thread.</param>
    public void Run(
        int row, int count, int head, int window, float* qkv, float* output, float* dOutput, float* statistics, float* dQkv, float* scratch)
    {
        int size = shape.HeadSize, wide = shape.HeadStride, group = shape.Group, width = shape.QueryKeyValueStride, stride = Stride(count);
        long padded = ParameterLayout.Pad(count);
        float* keyPanels = scratch, valuePanels = keyPanels + (padded * size), keyRows = valuePanels + (padded * size);
        float* dKeys = keyRows + (padded * wide), dValues = dKeys + (padded * wide), tile = dValues + (padded * wide);
        float* q = tile, dO = q + (TileRows * wide), o = dO + (TileRows * wide), dQ = o + (TileRows * wide);
        float* p = dQ + (TileRows * wide), dS = p + ((long)TileRows * stride);
        new Span<float>(keyRows, (int)(3 * padded * wide)).Clear();
        new Span<float>(tile, 3 * TileRows * wide).Clear();
        float* keys = qkv + ((long)row * width) + shape.QueryStride + (head * size), values = keys + shape.KeyStride;
        for (int t = 0; t < count; t++)
        {
            float* k = keys + ((long)t * width), v = values + ((long)t * width);
            long lane = ((long)(t / 32) * 32 * size) + (t % 32);
            float* kp = keyPanels + lane, vp = valuePanels + lane, kr = keyRows + ((long)t * wide);
            for (int d = 0; d < size; d++)
            {
                kr[d] = k[d];
                kp[d * 32] = k[d];
                vp[d * 32] = v[d];
            }
        }

        int rows = count * group;
        float* deltas = stackalloc float[TileRows];
        for (int r0 = 0; r0 < rows; r0 += TileRows)
        {
            // Keys are counted from the first panel that the tile's first row sees.
            int start = Math.Max(0, (r0 / group) - window + 1) / 32 * 32;
            int n = Math.Min(TileRows, rows - r0), tileKeys = ((r0 + n - 1) / group) + 1 - start;
            for (int r = 0; r < n; r++)
            {
                int t = (r0 + r) / group, queryHead = (head * group) + ((r0 + r) % group);
                long at = ((long)(row + t) * shape.QueryStride) + (queryHead * size);
                RowOperations<V>.Scale(qkv + ((long)(row + t) * width) + (queryHead * size), shape.AttentionScale, q + (r * wide), size);
                new Span<float>(dOutput + at, size).CopyTo(new Span<float>(dO + (r * wide), size));
                new Span<float>(output + at, size).CopyTo(new Span<float>(o + (r * wide), size));
                deltas[r] = LaneReduction<V>.Dot(dO + (r * wide), o + (r * wide), wide);
            }

            for (int s = 0; s < n; s += SubRows)
            {
                int m = Math.Min(SubRows, n - s), visible = ((r0 + s + m - 1) / group) + 1 - start, columns = ParameterLayout.Pad(visible);
                float* ps = p + ((long)s * stride), ds = dS + ((long)s * stride);
                Gemm<V>.Block(m, columns, size, q + (s * wide), wide, 1, Panels.Packed(keyPanels + ((long)start * size), size), ps, stride, false);
                Gemm<V>.Block(m, columns, size, dO + (s * wide), wide, 1, Panels.Packed(valuePanels + ((long)start * size), size), ds, stride, false);
                for (int r = 0; r < m; r++)
                {
                    int t = (r0 + s + r) / group, queryHead = (head * group) + ((r0 + s + r) % group);
                    float* statistic = statistics + ((((long)(row + t) * shape.Heads) + queryHead) * 2);
                    float* pr = ps + ((long)r * stride), dr = ds + ((long)r * stride);
                    int seen = t + 1 - start, hidden = t - window + 1 - start, end = (seen + 15) / 16 * 16;
                    SoftmaxGradient(pr, dr, seen, statistic[0], statistic[1], deltas[s + r]);
                    if (hidden > 0)
                    {
                        new Span<float>(pr, hidden).Clear();
                        new Span<float>(dr, hidden).Clear();
                    }

                    if (end < tileKeys)
                    {
                        new Span<float>(pr + end, tileKeys - end).Clear();
                        new Span<float>(dr + end, tileKeys - end).Clear();
                    }
                }

                Gemm<V>.Multiply(m, wide, visible, ds, stride, 1, Panels.RowMajor(keyRows + ((long)start * wide), wide), dQ + (s * wide), wide, false);
            }

            Gemm<V>.Multiply(tileKeys, wide, n, dS, 1, stride, Panels.RowMajor(q, wide), dKeys + ((long)start * wide), wide, true);
            Gemm<V>.Multiply(tileKeys, wide, n, p, 1, stride, Panels.RowMajor(dO, wide), dValues + ((long)start * wide), wide, true);
            for (int r = 0; r < n; r++)
            {
                int t = (r0 + r) / group, queryHead = (head * group) + ((r0 + r) % group);
                RowOperations<V>.Scale(dQ + (r * wide), shape.AttentionScale, dQkv + ((long)(row + t) * width) + (queryHead * size), size);
            }
        }

        float* dk = dQkv + ((long)row * width) + shape.QueryStride + (head * size), dv = dk + shape.KeyStride;
        for (int t = 0; t < count; t++)
        {
            new Span<float>(dKeys + ((long)t * wide), size).CopyTo(new Span<float>(dk + ((long)t * width), size));
            new Span<float>(dValues + ((long)t * wide), size).CopyTo(new Span<float>(dv + ((long)t * width), size));
        }
    }

    // p: scores → probabilities; dS: dp → p (dp − delta). Beyond `visible`, up to the next multiple of 16, both become 0.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftmaxGradient(float* p, float* dS, int visible, float max, float inverse, float delta)
    {
        V shift = V.Create(max), scale = V.Create(inverse), offset = V.Create(delta), zero = V.Create(0f), limit = V.Create(visible);
        int i = 0;
        for (; i + V.Count <= visible; i += V.Count)
        {
            V probability = VectorMath<V>.ExpOfNegative(V.Load(p + i) - shift) * scale;
            V.Store(probability, p + i);
            V.Store(probability * (V.Load(dS + i) - offset), dS + i);
        }

        for (int end = (visible + 15) / 16 * 16; i < end; i += V.Count)
        {
            V index = V.Ramp(i), probability = VectorMath<V>.ExpOfNegative(V.Load(p + i) - shift) * scale;
            V.Store(V.SelectLess(index, limit, probability, zero), p + i);
            V.Store(V.SelectLess(index, limit, probability * (V.Load(dS + i) - offset), zero), dS + i);
        }
    }

    private static int Stride(int longest) => ((longest + 63) / 64 * 64) + 16;
}
