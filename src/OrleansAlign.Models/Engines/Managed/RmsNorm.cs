using System.Runtime.CompilerServices;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Root-mean-square norm (Zhang and Sennrich, 1910.07467): y = w · x / √(mean x² + ε).</summary>
internal static unsafe class RmsNorm<V>
    where V : struct, ISimd<V>
{
    /// <summary>Norms one row. Returns 1 / √(mean x² + ε).</summary>
    /// <param name="x">Input, readable and zero up to <paramref name="padded"/>.</param>
    /// <param name="weight">Gain, zero in the padding.</param>
    /// <param name="y">Output; may be <paramref name="x"/>.</param>
    /// <param name="count">Elements without the padding.</param>
    /// <param name="padded">Elements stored, a multiple of 16.</param>
    /// <param name="epsilon">ε.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Forward(float* x, float* weight, float* y, int count, int padded, float epsilon)
    {
        float scale = Scale(x, count, padded, epsilon);
        V s = V.Create(scale);
        for (int i = 0; i < padded; i += V.Count) V.Store((V.Load(x + i) * s) * V.Load(weight + i), y + i);
        return scale;
    }

    /// <summary>dx += ∂loss/∂x of one row, given dy and the scale that <see cref="Forward"/> returned; or dx = if <paramref name="add"/> is false.</summary>
    /// <remarks>With g = dy · w: dx = s g − x s³ (g · x) / count.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(float* x, float* weight, float* dy, float* dx, int count, int padded, float scale, bool add)
    {
        V a = V.Create(0f), b = a, c = a, d = a;
        for (int i = 0; i < padded; i += 16)
        {
            a = V.Fma(V.Load(dy + i) * V.Load(weight + i), V.Load(x + i), a);
            if (V.Count <= 8) b = V.Fma(V.Load(dy + i + V.Count) * V.Load(weight + i + V.Count), V.Load(x + i + V.Count), b);
            if (V.Count <= 4)
            {
                c = V.Fma(V.Load(dy + i + 8) * V.Load(weight + i + 8), V.Load(x + i + 8), c);
                d = V.Fma(V.Load(dy + i + 12) * V.Load(weight + i + 12), V.Load(x + i + 12), d);
            }
        }

        float sum = V.SumOfSixteen(a, b, c, d);
        V s = V.Create(scale), t = V.Create(-(scale * scale * scale) * (sum / count));
        for (int i = 0; i < padded; i += V.Count)
        {
            V gradient = V.Fma(V.Load(x + i), t, (V.Load(dy + i) * V.Load(weight + i)) * s);
            V.Store(add ? V.Load(dx + i) + gradient : gradient, dx + i);
        }
    }

    /// <summary>1 / √(mean x² + ε).</summary>
    public static float Scale(float* x, int count, int padded, float epsilon) =>
        1f / MathF.Sqrt((LaneReduction<V>.Dot(x, x, padded) / count) + epsilon);
}
