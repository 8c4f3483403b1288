using System.Runtime.CompilerServices;

namespace OrleansAlign.Models.Numerics;

/// <summary>
/// Elementary functions on vectors, from additions, multiplications and divisions alone: the same bits in every width and on every processor.
/// </summary>
internal static class VectorMath<V>
    where V : struct, ISimd<V>
{
    /// <summary>eˣ, within 2 ulp; 0 below ln 2⁻¹²⁶ (results that would be subnormal), ∞ above ln of the largest float, NaN for NaN.</summary>
    /// <remarks>
    /// x = n ln 2 + r with |r| ≤ ½ ln 2; eʳ by its Taylor polynomial of degree 7, whose remainder is below 2⁻²⁷; then n goes into the exponent.
    /// </remarks>
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

    /// <summary><see cref="ExpOfNegative(V)"/> of four vectors, step by step together: one alone is a chain of a dozen dependent operations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ExpOfNegative(ref V x0, ref V x1, ref V x2, ref V x3)
    {
        V shift = V.Create(12582912f), scale = V.Create(1.44269504f);
        V t0 = V.Fma(x0, scale, shift), t1 = V.Fma(x1, scale, shift), t2 = V.Fma(x2, scale, shift), t3 = V.Fma(x3, scale, shift);
        V high = V.Create(-0.693145752f), low = V.Create(-1.42860677e-6f);
        V r0 = V.Fma(t0 - shift, low, V.Fma(t0 - shift, high, x0));
        V r1 = V.Fma(t1 - shift, low, V.Fma(t1 - shift, high, x1));
        V r2 = V.Fma(t2 - shift, low, V.Fma(t2 - shift, high, x2));
        V r3 = V.Fma(t3 - shift, low, V.Fma(t3 - shift, high, x3));
        V p0 = V.Create(1f / 5040f), p1 = p0, p2 = p0, p3 = p0;
        Horner(ref p0, ref p1, ref p2, ref p3, r0, r1, r2, r3, V.Create(1f / 720f));
        Horner(ref p0, ref p1, ref p2, ref p3, r0, r1, r2, r3, V.Create(1f / 120f));
        Horner(ref p0, ref p1, ref p2, ref p3, r0, r1, r2, r3, V.Create(1f / 24f));
        Horner(ref p0, ref p1, ref p2, ref p3, r0, r1, r2, r3, V.Create(1f / 6f));
        Horner(ref p0, ref p1, ref p2, ref p3, r0, r1, r2, r3, V.Create(0.5f));
        Horner(ref p0, ref p1, ref p2, ref p3, r0, r1, r2, r3, V.Create(1f));
        Horner(ref p0, ref p1, ref p2, ref p3, r0, r1, r2, r3, V.Create(1f));
        V least = V.Create(-87.33654f), zero = V.Create(0f);
        x0 = V.SelectLess(x0, least, zero, V.AddToExponent(p0, t0));
        x1 = V.SelectLess(x1, least, zero, V.AddToExponent(p1, t1));
        x2 = V.SelectLess(x2, least, zero, V.AddToExponent(p2, t2));
        x3 = V.SelectLess(x3, least, zero, V.AddToExponent(p3, t3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Horner(ref V p0, ref V p1, ref V p2, ref V p3, V r0, V r1, V r2, V r3, V c)
    {
        p0 = V.Fma(p0, r0, c);
        p1 = V.Fma(p1, r1, c);
        p2 = V.Fma(p2, r2, c);
        p3 = V.Fma(p3, r3, c);
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid(V x)
    {
        V one = V.Create(1f);
        return one / (one + Exp(V.Create(0f) - x));
    }
}
