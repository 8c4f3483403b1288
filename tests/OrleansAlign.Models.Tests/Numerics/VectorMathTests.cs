using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Tests.Numerics;

public unsafe class VectorMathTests
{
    [Fact]
    public void Exp_is_within_two_ulp_over_its_whole_range()
    {
        double worst = 0;
        for (float x = -87.33f; x < 88.72f; x += 0.00137f) worst = Math.Max(worst, Ulps(Exp<Simd512>(x), Math.Exp(x)));
        Assert.InRange(worst, 0, 2);
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(-87.5f, 0f)]
    [InlineData(-1e30f, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(88.8f, float.PositiveInfinity)]
    [InlineData(1e30f, float.PositiveInfinity)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NaN, float.NaN)]
    public void Exp_of_special_values(float x, float expected)
    {
        Assert.Equal(expected, Exp<Simd512>(x));
        Assert.Equal(expected, Exp<Simd256>(x));
        Assert.Equal(expected, Exp<Simd128>(x));
    }

    [Fact]
    public void Exp_and_sigmoid_have_the_same_bits_in_every_width()
    {
        for (int i = 0; i < 20000; i++)
        {
            float x = (float)(CounterRandom.Normal(7, (ulong)i) * 30);
            Assert.Equal(Exp<Simd512>(x), Exp<Simd256>(x));
            Assert.Equal(Exp<Simd512>(x), Exp<Simd128>(x));
            Assert.Equal(Sigmoid<Simd512>(x), Sigmoid<Simd256>(x));
            Assert.Equal(Sigmoid<Simd512>(x), Sigmoid<Simd128>(x));
        }
    }

    [Fact]
    public void Sigmoid_is_close_to_the_exact_one_and_saturates()
    {
        for (float x = -80; x < 80; x += 0.0173f) Assert.InRange(Ulps(Sigmoid<Simd512>(x), 1 / (1 + Math.Exp(-(double)x))), 0, 4);
        Assert.Equal(0f, Sigmoid<Simd512>(-1000));
        Assert.Equal(1f, Sigmoid<Simd512>(1000));
    }

    private static double Ulps(float value, double exact) => Math.Abs(value - exact) / (MathF.BitIncrement(MathF.Abs((float)exact)) - MathF.Abs((float)exact));

    private static float Exp<V>(float x)
        where V : struct, ISimd<V>
    {
        float* lanes = stackalloc float[16];
        V.Store(VectorMath<V>.Exp(V.Create(x)), lanes);
        for (int i = 1; i < V.Count; i++) Assert.Equal(lanes[0], lanes[i]);
        return lanes[0];
    }

    private static float Sigmoid<V>(float x)
        where V : struct, ISimd<V>
    {
        float* lanes = stackalloc float[16];
        V.Store(VectorMath<V>.Sigmoid(V.Create(x)), lanes);
        return lanes[V.Count - 1];
    }
}
