using System.Runtime.CompilerServices;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Sums down the columns of a matrix: one chain per column in ascending row order, starting from the target's value.</summary>
internal static unsafe class ColumnSums<V>
    where V : struct, ISimd<V>
{
    /// <summary>target[c] += Σ y[t, c] for 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Plain(float* y, nint stride, int rows, float* target)
    {
        for (int c = 0; c < 16; c += V.Count)
        {
            V sum = V.Load(target + c);
            float* p = y + c;
            for (int t = 0; t < rows; t++, p += stride) sum += V.Load(p);
            V.Store(sum, target + c);
        }
    }

    /// <summary>target[c] += Σ y[t, c] x[t, c] scale[t] for 16 columns: the gradient of a norm's gain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gain(float* y, float* x, nint stride, float* scale, int rows, float* target)
    {
        for (int c = 0; c < 16; c += V.Count)
        {
            V sum = V.Load(target + c);
            float* p = y + c, q = x + c;
            for (int t = 0; t < rows; t++, p += stride, q += stride) sum = V.Fma(V.Load(p), V.Load(q) * V.Create(scale[t]), sum);
            V.Store(sum, target + c);
        }
    }

    /// <summary>target[d] += Σ over rows, then heads, of products[t, head · size + d]: the gradient of a per-head norm's gain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Heads(float* products, nint stride, int rows, int heads, int size, float* target)
    {
        for (int t = 0; t < rows; t++, products += stride)
        {
            for (int h = 0; h < heads; h++)
            {
                float* x = products + (h * size);
                int d = 0;
                for (; d + V.Count <= size; d += V.Count) V.Store(V.Load(target + d) + V.Load(x + d), target + d);
                for (; d < size; d++) target[d] += x[d];
            }
        }
    }
}
