using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>Tensor arithmetic with numbers, and addition of tensors.</summary>
/// <remarks>
/// TorchSharp makes a native scalar of every number it is given (addition's factor of 1 included), passes its address on, and frees it in a finalizer,
/// which may run while libtorch still reads it: the result is then wrong without an error. Here each scalar lives until the call is over. Tensors need no
/// such care, since dispose scopes hold them.
/// </remarks>
internal static class ScalarMath
{
    private static readonly Scalar one = 1.ToScalar(), none = 0.ToScalar();

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, one);

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, double y) => With(y.ToScalar(), scalar => x.add(scalar, one));

    /// <summary>x + 1, of integers.</summary>
    public static Tensor PlusOne(this Tensor x) => x.add(one, one);

    /// <summary>x · y.</summary>
    public static Tensor Times(this Tensor x, double y) => With(y.ToScalar(), scalar => x.mul(scalar));

    /// <summary>x ← x + y.</summary>
    public static Tensor Increase(this Tensor x, Tensor y) => x.add_(y, one);

    /// <summary>x ← x + factor · y.</summary>
    public static Tensor Increase(this Tensor x, Tensor y, double factor) => With(factor.ToScalar(), scalar => x.add_(y, scalar));

    /// <summary>x ← x + y.</summary>
    public static Tensor Increase(this Tensor x, double y) => With(y.ToScalar(), scalar => x.add_(scalar, one));

    /// <summary>x ← x + factor · a · b.</summary>
    public static Tensor IncreaseByProduct(this Tensor x, Tensor a, Tensor b, double factor) => With(factor.ToScalar(), scalar => x.addcmul_(a, b, scalar));

    /// <summary>x ← x + factor · a / b.</summary>
    public static Tensor IncreaseByQuotient(this Tensor x, Tensor a, Tensor b, double factor) => With(factor.ToScalar(), scalar => x.addcdiv_(a, b, scalar));

    /// <summary>x ← x · y.</summary>
    public static Tensor Scale(this Tensor x, double y) => With(y.ToScalar(), scalar => x.mul_(scalar));

    /// <summary>x ← x · y, of wrapping int64.</summary>
    public static Tensor ScaleWrapping(this Tensor x, long y) => With(y.ToScalar(), scalar => x.mul_(scalar));

    /// <summary>x ← x / y.</summary>
    public static Tensor Divide(this Tensor x, double y) => With(y.ToScalar(), scalar => x.div_(scalar));

    /// <summary>x ← min(x, y), of integers.</summary>
    public static Tensor Limit(this Tensor x, long y) => With(y.ToScalar(), scalar => x.clamp_max_(scalar));

    /// <summary>x ≥ y, of integers.</summary>
    public static Tensor IsAtLeast(this Tensor x, long y) => With(y.ToScalar(), scalar => x.ge(scalar));

    /// <summary>x &lt; y.</summary>
    public static Tensor IsBelow(this Tensor x, double y) => With(y.ToScalar(), scalar => x.lt(scalar));

    /// <summary>x where the mask is false, y where it is true, of integers.</summary>
    public static Tensor Masked(this Tensor x, Tensor mask, long y) => With(y.ToScalar(), scalar => x.masked_fill(mask, scalar));

    /// <summary>x ← y where the mask is true.</summary>
    public static Tensor Mask(this Tensor x, Tensor mask, double y) => With(y.ToScalar(), scalar => x.masked_fill_(mask, scalar));

    /// <summary>0, 1, … count − 1, int64.</summary>
    public static Tensor Range(long count, Device device) => With(count.ToScalar(), end => arange(none, end, one, ScalarType.Int64, device));

    /// <summary>The same number everywhere.</summary>
    public static Tensor Full(long[] shape, double value, ScalarType type, Device device) =>
        With(value.ToScalar(), scalar => full(shape, scalar, type, device));

    private static Tensor With(Scalar scalar, Func<Scalar, Tensor> compute)
    {
        using (scalar) return compute(scalar);
    }
}
