namespace OrleansAlign.Models.Numerics;

/// <summary>
/// Elementary functions in double precision from IEEE arithmetic alone. <see cref="Math"/>'s come from the platform's C library, whose last bit
/// differs.
/// </summary>
internal static class DeterministicMath
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>eˣ; 0 below −708, ∞ above 709.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x < -708) return 0;
        if (x > 709) return double.PositiveInfinity;
        double n = Math.Round(x / (Ln2High + Ln2Low));
        double r = (x - (n * Ln2High)) - (n * Ln2Low);
        double sum = 1;
        for (int i = 14; i >= 1; i--) sum = 1 + (sum * r / i);
        return sum * BitConverter.Int64BitsToDouble(((long)n + 1023) << 52);
    }

    /// <summary>ln x of a positive normal number; −∞ at 0, NaN below.</summary>
    public static double Log(double x)
    {
        if (!(x > 0) || double.IsPositiveInfinity(x)) return x == 0 ? double.NegativeInfinity : x > 0 ? x : double.NaN;
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            exponent++;
        }

        // ln m = 2 artanh s, s = (m − 1) / (m + 1), |s| < 0.172: twelve odd terms reach 2⁻⁶⁰.
        double s = (m - 1) / (m + 1), square = s * s, sum = 0;
        for (int i = 23; i >= 1; i -= 2) sum = (sum * square) + (1.0 / i);
        return (exponent * Ln2High) + ((2 * s * sum) + (exponent * Ln2Low));
    }

    /// <summary>sin x and cos x for |x| up to about 10⁹ (positions times frequencies).</summary>
    public static (double Sin, double Cos) SinCos(double x)
    {
        // π/2 in two parts, the first with 33 bits so that quadrant · part is exact up to 2²⁰ quadrants.
        const double half1 = 1.57079632673412561417, half2 = 6.07710050630396597660e-11, half3 = 2.02226624879595063154e-21;
        double quadrant = Math.Round(x * 0.63661977236758134308);
        double r = ((x - (quadrant * half1)) - (quadrant * half2)) - (quadrant * half3);
        double square = r * r, sin = 1, cos = 1;
        for (int i = 20; i >= 2; i -= 2)
        {
            sin = 1 - (sin * square / (i * (i + 1)));
            cos = 1 - (cos * square / (i * (i - 1)));
        }

        sin *= r;
        return ((long)quadrant & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }

    /// <summary>xⁿ for n ≥ 0 by repeated squaring.</summary>
    public static double Power(double x, int n)
    {
        double result = 1;
        for (; n > 0; n >>= 1)
        {
            if ((n & 1) != 0) result *= x;
            x *= x;
        }

        return result;
    }
}
