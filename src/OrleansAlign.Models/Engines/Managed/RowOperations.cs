using System.Runtime.CompilerServices;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>The element-wise parts of a block. Lengths are multiples of 16 unless a summary says otherwise.</summary>
internal static unsafe class RowOperations<V>
    where V : struct, ISimd<V>
{
    /// <summary>y = a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* a, float* b, float* y, int length)
    {
        for (int i = 0; i < length; i += V.Count) V.Store(V.Load(a + i) + V.Load(b + i), y + i);
    }

    /// <summary>y = x · scale, any length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float* x, float scale, float* y, int length)
    {
        V s = V.Create(scale);
        int i = 0;
        for (; i + V.Count <= length; i += V.Count) V.Store(V.Load(x + i) * s, y + i);
        for (; i + 4 <= length; i += 4) Simd128.Store(Simd128.Load(x + i) * Simd128.Create(scale), y + i);
        for (; i < length; i++) y[i] = x[i] * scale;
    }

    /// <summary>gain += dy · x · scale: one row's part of the gradient of a norm's gain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GainGradient(float* dy, float* x, float scale, float* gain, int length)
    {
        V s = V.Create(scale);
        for (int i = 0; i < length; i += V.Count) V.Store(V.Fma(V.Load(dy + i), V.Load(x + i) * s, V.Load(gain + i)), gain + i);
    }

    /// <summary>hidden = silu(gate) · up (SwiGLU, Shazeer, 2002.05202), silu(g) = g σ(g).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SwiGlu(float* gate, float* up, float* hidden, int length)
    {
        for (int i = 0; i < length; i += V.Count)
        {
            V g = V.Load(gate + i);
            V.Store((g * VectorMath<V>.Sigmoid(g)) * V.Load(up + i), hidden + i);
        }
    }

    /// <summary>Replaces gate and up by their gradients, given the gradient of hidden, and restores hidden.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SwiGluBackward(float* gate, float* up, float* dHidden, float* hidden, int length)
    {
        V one = V.Create(1f);
        for (int i = 0; i < length; i += V.Count)
        {
            V g = V.Load(gate + i), u = V.Load(up + i), d = V.Load(dHidden + i);
            V s = VectorMath<V>.Sigmoid(g), silu = g * s;
            V.Store(silu * u, hidden + i);
            V.Store((d * u) * V.Fma(silu, one - s, s), gate + i);
            V.Store(d * silu, up + i);
        }
    }

    /// <summary>
    /// Rotates the consecutive heads of one position by its angles, or back if <paramref name="sign"/> is −1 (the gradient of the rotation).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rotate(float* x, int heads, float* cosines, float* sines, int half, float sign)
    {
        int i = 0;
        for (; i + V.Count <= half; i += V.Count) RotatePart<V>(x + i, heads, cosines + i, sines + i, half, sign);
        for (; i + 4 <= half; i += 4) RotatePart<Simd128>(x + i, heads, cosines + i, sines + i, half, sign);
        for (; i < half; i++)
        {
            float c = cosines[i], s = sines[i] * sign;
            float* y = x + i;
            for (int h = 0; h < heads; h++, y += 2 * half)
            {
                float a = y[0], b = y[half];
                y[0] = MathF.FusedMultiplyAdd(a, c, 0f - (b * s));
                y[half] = MathF.FusedMultiplyAdd(b, c, a * s);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RotatePart<W>(float* x, int heads, float* cosines, float* sines, nint half, float sign)
        where W : struct, ISimd<W>
    {
        W c = W.Load(cosines), s = W.Load(sines) * W.Create(sign), zero = W.Create(0f);
        for (; heads > 0; heads--, x += 2 * half)
        {
            W a = W.Load(x), b = W.Load(x + half);
            W.Store(W.Fma(a, c, zero - (b * s)), x);
            W.Store(W.Fma(b, c, a * s), x + half);
        }
    }
}
