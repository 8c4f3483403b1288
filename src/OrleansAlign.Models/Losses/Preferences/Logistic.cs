namespace OrleansAlign.Models.Losses.Preferences;

/// <summary>The logistic function σ(x) = 1 / (1 + e⁻ˣ), without overflow and without losing the small tail.</summary>
internal static class Logistic
{
    /// <summary>σ(x).</summary>
    public static double Sigmoid(double x)
    {
        double tail = Math.Exp(-Math.Abs(x));
        return x <= 0 ? tail / (1 + tail) : 1 / (1 + tail);
    }

    /// <summary>−log σ(x) = log(1 + e⁻ˣ) = max(0, −x) + log(1 + e^−|x|).</summary>
    public static double NegativeLogSigmoid(double x) => Math.Max(0, -x) + LogOnePlus(Math.Exp(-Math.Abs(x)));

    /// <summary>log(1 + x) for x in [0, 1], exact also where 1 + x rounds to 1 (Goldberg 1991, theorem 4).</summary>
    private static double LogOnePlus(double x)
    {
        double y = 1 + x;
        return y == 1 ? x : Math.Log(y) * x / (y - 1);
    }
}
