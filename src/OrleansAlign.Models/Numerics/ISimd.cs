namespace OrleansAlign.Models.Numerics;

/// <summary>A vector of <see cref="Count"/> float32 lanes. Kernels are written once over this and compiled per width, without a virtual call.</summary>
/// <remarks>
/// Every operation is exact IEEE arithmetic per lane, so that an element's value is the same in every width. What sums over lanes goes through
/// <see cref="SumOfSixteen"/>, whose sixteen virtual lanes and whose tree are the same in every width too.
/// </remarks>
internal unsafe interface ISimd<V>
    where V : struct, ISimd<V>
{
    /// <summary>Lanes: 16, 8 or 4.</summary>
    static abstract int Count { get; }

    static abstract V Load(float* p);

    static abstract void Store(V v, float* p);

    static abstract V Create(float x);

    /// <summary>*p in every lane, by a load that broadcasts: from a register it would take a slot of the multiply-add units.</summary>
    static abstract V Broadcast(float* p);

    /// <summary>a·b + c with one rounding.</summary>
    static abstract V Fma(V a, V b, V c);

    static abstract V operator +(V a, V b);

    static abstract V operator -(V a, V b);

    static abstract V operator *(V a, V b);

    static abstract V operator /(V a, V b);

    static abstract V Sqrt(V a);

    /// <summary>The greater per lane; for a NaN in <paramref name="b"/> the result is unspecified.</summary>
    static abstract V Max(V a, V b);

    /// <summary>x &lt; limit ? a : b per lane (b for a NaN).</summary>
    static abstract V SelectLess(V x, V limit, V a, V b);

    /// <summary>The bits of p plus those of t shifted left by 23: multiplies p by 2ⁿ where the low bits of t hold n.</summary>
    static abstract V AddToExponent(V p, V t);

    /// <summary>Lane i: first + i.</summary>
    static abstract V Ramp(float first);

    /// <summary>Sum of sixteen lanes held in 16 / Count vectors (the others unused): lane l with l + 8, then + 4, + 2, + 1.</summary>
    static abstract float SumOfSixteen(V a, V b, V c, V d);

    /// <summary>The greatest lane.</summary>
    static abstract float MaxLane(V a);
}
