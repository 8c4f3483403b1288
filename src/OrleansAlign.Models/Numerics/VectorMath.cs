using System.Runtime.CompilerServices;

namespace OrleansAlign.Models.Numerics;

/// <summary>Elementary functions on vectors, from additions, multiplications and divisions alone: the same bits in every width and on every processor.</summary>
internal static class VectorMath<V>
    where V : struct, ISimd<V>
{
    /// <summary>eˣ, within 2 ulp; 0 below ln 2⁻¹²⁶ (results that would be subnormal), ∞ above ln of the largest float, NaN for NaN.</summary>
    /// <remarks>x = n ln 2 + r with |r| ≤ ½ ln 2; eʳ by its Taylor polynomial of degree 7, whose remainder is below 2⁻²⁷; then n goes into the exponent.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x) => V.SelectLess(V.Create(88.72283f), x, V.Create(float.PositiveInfinity), ExpOfNegative(x));

    /// <summary>eˣ for x ≤ 0: the same bits as <see cref="Exp"/> without its check for overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpOfNegative(V x)
    {
        // Adding 1.5 · 2²³ rounds to an integer and leaves that integer in the low bits of the sum.
        V shift = V.Create(12582912f);
        V t = V.Fma(x, V.Create(1.44269504f), shift);
        V n = t - shift;
        V r = V.Fma(n, V.Create(-0.693145752f), x);
        r = V.Fma(n, V.Create(-1.42860677e-6f), r);
        V p = V.Create(1f / 5040f);
        p = V.Fma(p, r, V.Create(1f / 720f));
        p = V.Fma(p, r, V.Create(1f / 120f));
        p = V.Fma(p, r, V.Create(1f / 24f));
        p = V.Fma(p, r, V.Create(1f / 6f));
        p = V.Fma(p, r, V.Create(0.5f));
        p = V.Fma(p, r, V.Create(1f));
        p = V.Fma(p, r, V.Create(1f));
        V y = V.AddToExponent(p, t);
        return V.SelectLess(x, V.Create(-87.33654f), V.Create(0f), y);
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid(V x)
    {
        V one = V.Create(1f);
        return one / (one + Exp(V.Create(0f) - x));
    }
}
