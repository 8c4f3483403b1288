using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Tests.Numerics;

public class DeterministicMathTests
{
    [Fact]
    public void Exp_and_log_agree_with_the_library_to_a_few_ulp()
    {
        for (int i = 0; i < 50000; i++)
        {
            double x = (CounterRandom.Uniform(1, (ulong)i) * 1400) - 700;
            AssertClose(Math.Exp(x), DeterministicMath.Exp(x), 1e-15);
            double y = Math.Exp((CounterRandom.Uniform(2, (ulong)i) * 200) - 100);
            AssertClose(Math.Log(y), DeterministicMath.Log(y), 1e-15, 1e-16);
        }
    }

    [Fact]
    public void Sine_and_cosine_agree_with_the_library_up_to_long_contexts()
    {
        for (int i = 0; i < 50000; i++)
        {
            double x = CounterRandom.Uniform(3, (ulong)i) * (i % 2 == 0 ? 10 : 200000);
            (double sin, double cos) = DeterministicMath.SinCos(x);
            Assert.Equal(Math.Sin(x), sin, 1e-14);
            Assert.Equal(Math.Cos(x), cos, 1e-14);
        }
    }

    [Fact]
    public void Special_values_are_those_of_the_library()
    {
        Assert.Equal(1, DeterministicMath.Exp(0));
        Assert.Equal(0, DeterministicMath.Exp(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, DeterministicMath.Exp(1000));
        Assert.True(double.IsNaN(DeterministicMath.Exp(double.NaN)));
        Assert.Equal(0, DeterministicMath.Log(1));
        Assert.Equal(double.NegativeInfinity, DeterministicMath.Log(0));
        Assert.Equal(double.PositiveInfinity, DeterministicMath.Log(double.PositiveInfinity));
        Assert.True(double.IsNaN(DeterministicMath.Log(-1)));
        Assert.True(double.IsNaN(DeterministicMath.Log(double.NaN)));
        Assert.Equal((0.0, 1.0), DeterministicMath.SinCos(0));
    }

    [Theory]
    [InlineData(0.9, 0)]
    [InlineData(0.9, 1)]
    [InlineData(0.95, 37)]
    [InlineData(0.999, 100000)]
    public void Power_agrees_with_the_library(double x, int n) => AssertClose(Math.Pow(x, n), DeterministicMath.Power(x, n), 1e-12);

    private static void AssertClose(double expected, double actual, double relative, double absolute = 0) =>
        Assert.True(Math.Abs(expected - actual) <= (relative * Math.Abs(expected)) + absolute, $"{actual} is not {expected}");
}
