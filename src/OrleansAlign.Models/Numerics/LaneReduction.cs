using System.Runtime.CompilerServices;

namespace OrleansAlign.Models.Numerics;

/// <summary>
/// Reductions along a row in sixteen virtual lanes: element i goes to lane i mod 16, lanes are chains of fused multiply-adds, a fixed tree ends
/// them.
/// </summary>
/// <remarks>Lengths are multiples of 16; rows are padded with zeros, which change no sum.</remarks>
internal static unsafe class LaneReduction<V>
    where V : struct, ISimd<V>
{
    /// <summary>Σ xᵢ yᵢ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(float* x, float* y, int length)
    {
        V a = V.Create(0f), b = a, c = a, d = a;
        for (int i = 0; i < length; i += 16)
        {
            a = V.Fma(V.Load(x + i), V.Load(y + i), a);
            if (V.Count <= 8) b = V.Fma(V.Load(x + i + V.Count), V.Load(y + i + V.Count), b);
            if (V.Count <= 4)
            {
                c = V.Fma(V.Load(x + i + 8), V.Load(y + i + 8), c);
                d = V.Fma(V.Load(x + i + 12), V.Load(y + i + 12), d);
            }
        }

        return V.SumOfSixteen(a, b, c, d);
    }

    /// <summary>Σ xᵢ of the first <paramref name="count"/> elements; the row must be readable up to the next multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Sum(float* x, int count)
    {
        V zero = V.Create(0f), limit = V.Create(count), a = zero, b = zero, c = zero, d = zero;
        int i = 0;
        for (; i + 16 <= count; i += 16)
        {
            a += V.Load(x + i);
            if (V.Count <= 8) b += V.Load(x + i + V.Count);
            if (V.Count <= 4)
            {
                c += V.Load(x + i + 8);
                d += V.Load(x + i + 12);
            }
        }

        if (i < count)
        {
            a += V.SelectLess(V.Ramp(i), limit, V.Load(x + i), zero);
            if (V.Count <= 8) b += V.SelectLess(V.Ramp(i + V.Count), limit, V.Load(x + i + V.Count), zero);
            if (V.Count <= 4)
            {
                c += V.SelectLess(V.Ramp(i + 8), limit, V.Load(x + i + 8), zero);
                d += V.SelectLess(V.Ramp(i + 12), limit, V.Load(x + i + 12), zero);
            }
        }

        return V.SumOfSixteen(a, b, c, d);
    }

    /// <summary>Replaces what is below <paramref name="least"/> by 0; the row is written up to a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ZeroBelow(float* x, int count, float least)
    {
        V limit = V.Create(least), zero = V.Create(0f);
        for (int i = 0; i < count; i += V.Count)
        {
            V v = V.Load(x + i);
            V.Store(V.SelectLess(v, limit, zero, v), x + i);
        }
    }

    /// <summary>The greatest of the first <paramref name="count"/> elements; the row must be readable up to the next multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Max(float* x, int count)
    {
        V lowest = V.Create(float.NegativeInfinity), max = lowest;
        int i = 0;
        for (; i + V.Count <= count; i += V.Count) max = V.Max(max, V.Load(x + i));
        if (i < count) max = V.Max(max, V.SelectLess(V.Ramp(i), V.Create(count), V.Load(x + i), lowest));
        return V.MaxLane(max);
    }

    /// <summary>
    /// y = e^(x − max) for the first <paramref name="count"/> elements, 0 for the rest up to the next multiple of 16; returns the sum. y may be
    /// x.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float ExpAndSum(float* x, int count, float max, float* y)
    {
        V shift = V.Create(max), zero = V.Create(0f), a = zero, b = zero, c = zero, d = zero;
        int i = 0;
        for (; i + 16 <= count; i += 16)
        {
            V p = VectorMath<V>.ExpOfNegative(V.Load(x + i) - shift);
            V.Store(p, y + i);
            a += p;
            if (V.Count <= 8)
            {
                p = VectorMath<V>.ExpOfNegative(V.Load(x + i + V.Count) - shift);
                V.Store(p, y + i + V.Count);
                b += p;
            }

            if (V.Count <= 4)
            {
                p = VectorMath<V>.ExpOfNegative(V.Load(x + i + 8) - shift);
                V.Store(p, y + i + 8);
                c += p;
                p = VectorMath<V>.ExpOfNegative(V.Load(x + i + 12) - shift);
                V.Store(p, y + i + 12);
                d += p;
            }
        }

        if (i < count)
        {
            a += MaskedExp(x, i, count, shift, y);
            if (V.Count <= 8) b += MaskedExp(x, i + V.Count, count, shift, y);
            if (V.Count <= 4)
            {
                c += MaskedExp(x, i + 8, count, shift, y);
                d += MaskedExp(x, i + 12, count, shift, y);
            }
        }

        return V.SumOfSixteen(a, b, c, d);
    }

    /// <summary>y = e^((x − max) · scale) for the first <paramref name="count"/> elements; y is written up to the next multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ExpScaled(float* x, int count, float max, float scale, float* y)
    {
        V shift = V.Create(max), factor = V.Create(scale);
        for (int i = 0; i < count; i += V.Count) V.Store(VectorMath<V>.ExpOfNegative((V.Load(x + i) - shift) * factor), y + i);
    }

    /// <summary>
    /// Σ e^(x − max) over the first <paramref name="count"/> elements: the sum that <see cref="ExpAndSum"/> returns, without storing the terms.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumExp(float* x, int count, float max)
    {
        V shift = V.Create(max), zero = V.Create(0f), limit = V.Create(count), a = zero, b = zero, c = zero, d = zero;
        int i = 0;
        for (; i + 16 <= count; i += 16)
        {
            a += VectorMath<V>.ExpOfNegative(V.Load(x + i) - shift);
            if (V.Count <= 8) b += VectorMath<V>.ExpOfNegative(V.Load(x + i + V.Count) - shift);
            if (V.Count <= 4)
            {
                c += VectorMath<V>.ExpOfNegative(V.Load(x + i + 8) - shift);
                d += VectorMath<V>.ExpOfNegative(V.Load(x + i + 12) - shift);
            }
        }

        if (i < count)
        {
            a += V.SelectLess(V.Ramp(i), limit, VectorMath<V>.ExpOfNegative(V.Load(x + i) - shift), zero);
            if (V.Count <= 8) b += V.SelectLess(V.Ramp(i + V.Count), limit, VectorMath<V>.ExpOfNegative(V.Load(x + i + V.Count) - shift), zero);
            if (V.Count <= 4)
            {
                c += V.SelectLess(V.Ramp(i + 8), limit, VectorMath<V>.ExpOfNegative(V.Load(x + i + 8) - shift), zero);
                d += V.SelectLess(V.Ramp(i + 12), limit, VectorMath<V>.ExpOfNegative(V.Load(x + i + 12) - shift), zero);
            }
        }

        return V.SumOfSixteen(a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V MaskedExp(float* x, int i, int count, V shift, float* y)
    {
        V p = V.SelectLess(V.Ramp(i), V.Create(count), VectorMath<V>.ExpOfNegative(V.Load(x + i) - shift), V.Create(0f));
        V.Store(p, y + i);
        return p;
    }
}
