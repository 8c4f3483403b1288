using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace OrleansAlign.Models.Numerics;

/// <summary>One row of a register tile: 4, 2 or 1 vectors.</summary>
internal unsafe interface ITileRow<TRow>
    where TRow : struct, ITileRow<TRow>
{
    /// <summary>A row of B: the first half of the vectors from <paramref name="b0"/>, the second from <paramref name="b1"/>.</summary>
    static abstract TRow LoadB(float* b0, float* b1);

    static abstract TRow LoadC(float* c);

    static abstract void StoreC(TRow row, float* c);

    /// <summary>*a·b + c, a the same in every lane.</summary>
    static abstract TRow Fma(float* a, TRow b, TRow c);

    /// <summary>*s·row, s the same in every lane.</summary>
    static abstract TRow Scale(float* s, TRow row);
}

/// <summary>Four vectors.</summary>
internal unsafe struct TileRow4<V> : ITileRow<TileRow4<V>>
    where V : struct, ISimd<V>
{
    private V x, y, z, w;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow4<V> LoadB(float* b0, float* b1) =>
        new() { x = V.Load(b0), y = V.Load(b0 + V.Count), z = V.Load(b1), w = V.Load(b1 + V.Count) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow4<V> LoadC(float* c) =>
        new() { x = V.Load(c), y = V.Load(c + V.Count), z = V.Load(c + (2 * V.Count)), w = V.Load(c + (3 * V.Count)) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreC(TileRow4<V> row, float* c)
    {
        V.Store(row.x, c);
        V.Store(row.y, c + V.Count);
        V.Store(row.z, c + (2 * V.Count));
        V.Store(row.w, c + (3 * V.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow4<V> Fma(float* a, TileRow4<V> b, TileRow4<V> c)
    {
        V s = V.Broadcast(a);
        return new() { x = V.Fma(s, b.x, c.x), y = V.Fma(s, b.y, c.y), z = V.Fma(s, b.z, c.z), w = V.Fma(s, b.w, c.w) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow4<V> Scale(float* s, TileRow4<V> row)
    {
        V v = V.Broadcast(s);
        return new() { x = row.x * v, y = row.y * v, z = row.z * v, w = row.w * v };
    }
}

/// <summary>Two vectors, both from the first pointer.</summary>
internal unsafe struct TileRow2<V> : ITileRow<TileRow2<V>>
    where V : struct, ISimd<V>
{
    private V x, y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow2<V> LoadB(float* b0, float* b1) => new() { x = V.Load(b0), y = V.Load(b0 + V.Count) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow2<V> LoadC(float* c) => new() { x = V.Load(c), y = V.Load(c + V.Count) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreC(TileRow2<V> row, float* c)
    {
        V.Store(row.x, c);
        V.Store(row.y, c + V.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow2<V> Fma(float* a, TileRow2<V> b, TileRow2<V> c)
    {
        V s = V.Broadcast(a);
        return new() { x = V.Fma(s, b.x, c.x), y = V.Fma(s, b.y, c.y) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow2<V> Scale(float* s, TileRow2<V> row)
    {
        V v = V.Broadcast(s);
        return new() { x = row.x * v, y = row.y * v };
    }
}

/// <summary>One vector.</summary>
internal unsafe struct TileRow1<V> : ITileRow<TileRow1<V>>
    where V : struct, ISimd<V>
{
    private V x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow1<V> LoadB(float* b0, float* b1) => new() { x = V.Load(b0) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow1<V> LoadC(float* c) => new() { x = V.Load(c) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreC(TileRow1<V> row, float* c) => V.Store(row.x, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow1<V> Fma(float* a, TileRow1<V> b, TileRow1<V> c) => new() { x = V.Fma(V.Broadcast(a), b.x, c.x) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow1<V> Scale(float* s, TileRow1<V> row) => new() { x = row.x * V.Broadcast(s) };
}

/// <summary>Register tiles of 6, 4, 2 and 1 rows: C = (load ? C : 0) + A·B, each element one chain of fused multiply-adds in ascending k.</summary>
/// <remarks>
/// A[r, k] lies at a + r·rowStride + k·stepStride; row k of B at b0 + k·bStride and b1 + k·bStride; row r of C at c + r·cStride. With 6 × 64
/// float32 (24 accumulators of AVX-512's 32 registers) a step loads 10 operands for 24 multiply-adds, so that A needs no packing.
/// </remarks>
internal static unsafe class GemmKernel<TRow>
    where TRow : struct, ITileRow<TRow>
{
    // NoInlining: inlined into a caller, the accumulators would be spilled.
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    /// <summary>Steps whose panel pair, 20 KiB, fits the first-level cache twice.</summary>
    private const int NearSteps = 80;

    /// <summary>Any number of rows, by the largest tiles that fit.</summary>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="steps">Length of the chains.</param>
    /// <param name="a">A.</param>
    /// <param name="rowStride">Floats between rows of A.</param>
    /// <param name="stepStride">Floats between columns of A.</param>
    /// <param name="b0">First half of B's columns.</param>
    /// <param name="b1">Second half of B's columns.</param>
    /// <param name="bStride">Floats between rows of B.</param>
    /// <param name="c">C.</param>
    /// <param name="cStride">Floats between rows of C.</param>
    /// <param name="load">Whether the chains go on from C.</param>
    /// <param name="next0">The panel that will be b0 in the next call, fetched towards the cache meanwhile, or null.</param>
    /// <param name="next1">The panel that will be b1 in the next call.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(
        int rows, nint steps, float* a, nint rowStride, nint stepStride, float* b0, float* b1, nint bStride, float* c, nint cStride, bool load,
        float* next0 = null, float* next1 = null)
    {
        // The tiles share the work of fetching two panels of 32 floats a step: at most one cache line a step, at least a quarter. Panels that fit the
        // first-level cache beside these ones are fetched into it, by two lines a step if rows are few.
        bool near = steps <= NearSteps;
        nint pace = rows >= 96 ? 4 : rows >= 48 ? 8 : rows >= 24 || !near ? 16 : 32, panel = steps * 32, ahead = 0;
        for (; rows >= 6; rows -= 6)
        {
            float* fetch = b0;
            nint step = 0;
            if (next0 != null && ahead < 2 * panel)
            {
                fetch = ahead < panel ? next0 + ahead : next1 + (ahead - panel);
                step = pace;
                ahead += steps * pace;
            }

            Six(steps, a, rowStride, stepStride, b0, b1, bStride, c, cStride, load, fetch, step, near);
            a += 6 * rowStride;
            c += 6 * cStride;
        }

        if (rows >= 4)
        {
            Four(steps, a, rowStride, stepStride, b0, b1, bStride, c, cStride, load);
            a += 4 * rowStride;
            c += 4 * cStride;
            rows -= 4;
        }

        if (rows >= 2)
        {
            Two(steps, a, rowStride, stepStride, b0, b1, bStride, c, cStride, load);
            a += 2 * rowStride;
            c += 2 * cStride;
            rows -= 2;
        }

        if (rows > 0) One(steps, a, stepStride, b0, b1, bStride, c, load);
    }

    [MethodImpl(Hot)]
    private static void Six(
        nint steps, float* a, nint rowStride, nint stepStride, float* b0, float* b1, nint bStride, float* c, nint cStride, bool load,
        float* fetch, nint fetchStride, bool near)
    {
        TRow r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default;
        if (load)
        {
            r0 = TRow.LoadC(c);
            r1 = TRow.LoadC(c + cStride);
            r2 = TRow.LoadC(c + (2 * cStride));
            r3 = TRow.LoadC(c + (3 * cStride));
            r4 = TRow.LoadC(c + (4 * cStride));
            r5 = TRow.LoadC(c + (5 * cStride));
        }

        float* a1 = a + rowStride, a2 = a1 + rowStride, a3 = a2 + rowStride, a4 = a3 + rowStride, a5 = a4 + rowStride;
        nint d = 0;
        for (; steps > 0; steps--)
        {
            if (Sse.IsSupported)
            {
                if (near)
                {
                    Sse.Prefetch0(fetch);
                    Sse.Prefetch0(fetch + 16);
                }
                else
                {
                    Sse.Prefetch1(fetch);
                }
            }

            fetch += fetchStride;
            TRow b = TRow.LoadB(b0, b1);
            b0 += bStride;
            b1 += bStride;
            r0 = TRow.Fma(a + d, b, r0);
            r1 = TRow.Fma(a1 + d, b, r1);
            r2 = TRow.Fma(a2 + d, b, r2);
            r3 = TRow.Fma(a3 + d, b, r3);
            r4 = TRow.Fma(a4 + d, b, r4);
            r5 = TRow.Fma(a5 + d, b, r5);
            d += stepStride;
        }

        TRow.StoreC(r0, c);
        TRow.StoreC(r1, c + cStride);
        TRow.StoreC(r2, c + (2 * cStride));
        TRow.StoreC(r3, c + (3 * cStride));
        TRow.StoreC(r4, c + (4 * cStride));
        TRow.StoreC(r5, c + (5 * cStride));
    }

    [MethodImpl(Hot)]
    private static void Four(nint steps, float* a, nint rowStride, nint stepStride, float* b0, float* b1, nint bStride, float* c, nint cStride, bool load)
    {
        TRow r0 = default, r1 = default, r2 = default, r3 = default;
        if (load)
        {
            r0 = TRow.LoadC(c);
            r1 = TRow.LoadC(c + cStride);
            r2 = TRow.LoadC(c + (2 * cStride));
            r3 = TRow.LoadC(c + (3 * cStride));
        }

        float* a1 = a + rowStride, a2 = a1 + rowStride, a3 = a2 + rowStride;
        nint d = 0;
        for (; steps > 0; steps--)
        {
            TRow b = TRow.LoadB(b0, b1);
            b0 += bStride;
            b1 += bStride;
            r0 = TRow.Fma(a + d, b, r0);
            r1 = TRow.Fma(a1 + d, b, r1);
            r2 = TRow.Fma(a2 + d, b, r2);
            r3 = TRow.Fma(a3 + d, b, r3);
            d += stepStride;
        }

        TRow.StoreC(r0, c);
        TRow.StoreC(r1, c + cStride);
        TRow.StoreC(r2, c + (2 * cStride));
        TRow.StoreC(r3, c + (3 * cStride));
    }

    [MethodImpl(Hot)]
    private static void Two(nint steps, float* a, nint rowStride, nint stepStride, float* b0, float* b1, nint bStride, float* c, nint cStride, bool load)
    {
        TRow r0 = default, r1 = default;
        if (load)
        {
            r0 = TRow.LoadC(c);
            r1 = TRow.LoadC(c + cStride);
        }

        float* a1 = a + rowStride;
        nint d = 0;
        for (; steps > 0; steps--)
        {
            TRow b = TRow.LoadB(b0, b1);
            b0 += bStride;
            b1 += bStride;
            r0 = TRow.Fma(a + d, b, r0);
            r1 = TRow.Fma(a1 + d, b, r1);
            d += stepStride;
        }

        TRow.StoreC(r0, c);
        TRow.StoreC(r1, c + cStride);
    }

    [MethodImpl(Hot)]
    private static void One(nint steps, float* a, nint stepStride, float* b0, float* b1, nint bStride, float* c, bool load)
    {
        TRow r0 = load ? TRow.LoadC(c) : default;
        for (; steps > 0; steps--)
        {
            r0 = TRow.Fma(a, TRow.LoadB(b0, b1), r0);
            a += stepStride;
            b0 += bStride;
            b1 += bStride;
        }

        TRow.StoreC(r0, c);
    }
}
