using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Tests.Numerics;

public unsafe class LaneReductionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(100)]
    [InlineData(257)]
    public void Reductions_have_the_same_bits_in_every_width_and_ignore_what_lies_beyond(int count)
    {
        Results wide = Reduce<Simd512>(count, 1e20f);
        Assert.Equal(wide, Reduce<Simd256>(count, 1e20f));
        Assert.Equal(wide, Reduce<Simd128>(count, 1e20f));
        Assert.Equal(wide, Reduce<Simd512>(count, -3f));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(200)]
    public void Reductions_are_close_to_exact_ones(int count)
    {
        float[] x = Values(count, 0);
        double max = x.Take(count).Max();
        Results results = Reduce<Simd512>(count, 0);
        Assert.Equal((float)max, results.Max);
        Assert.Equal(x.Take(count).Sum(v => Math.Exp(v - max)), results.SumExp, 1e-5 * count);
        Assert.Equal(x.Take(count).Sum(v => (double)v), results.Sum, 1e-5 * count);
        Assert.Equal(results.SumExp, results.ExpAndSum);
    }

    [Fact]
    public void The_dot_product_is_sixteen_chains_and_a_fixed_tree()
    {
        const int length = 80;
        float[] x = Values(length, 0), lanes = new float[16];
        for (int i = 0; i < length; i++) lanes[i % 16] = MathF.FusedMultiplyAdd(x[i], x[i], lanes[i % 16]);
        for (int half = 8; half > 0; half /= 2)
        {
            for (int l = 0; l < half; l++) lanes[l] += lanes[l + half];
        }

        fixed (float* p = x)
        {
            Assert.Equal(lanes[0], LaneReduction<Simd512>.Dot(p, p, length));
            Assert.Equal(lanes[0], LaneReduction<Simd256>.Dot(p, p, length));
            Assert.Equal(lanes[0], LaneReduction<Simd128>.Dot(p, p, length));
        }
    }

    [Fact]
    public void Exponentials_beyond_the_count_are_exact_zeros()
    {
        float[] x = Values(20, 5), y = new float[32];
        Array.Fill(y, 7f);
        fixed (float* p = x, q = y) LaneReduction<Simd512>.ExpAndSum(p, 20, 1f, q);
        Assert.All(y[..20], v => Assert.True(v > 0));
        Assert.All(y[20..], v => Assert.Equal(0f, v));
    }

    private static Results Reduce<V>(int count, float beyond)
        where V : struct, ISimd<V>
    {
        float[] x = Values(count, beyond), y = new float[x.Length];
        fixed (float* p = x, q = y)
        {
            float max = LaneReduction<V>.Max(p, count), both = LaneReduction<V>.ExpAndSum(p, count, max, q);
            return new Results(max, both, LaneReduction<V>.SumExp(p, count, max), LaneReduction<V>.Sum(p, count));
        }
    }

    private static float[] Values(int count, float beyond)
    {
        float[] values = new float[(count + 15) / 16 * 16];
        for (int i = 0; i < values.Length; i++) values[i] = i < count ? (float)CounterRandom.Normal(11, (ulong)i) : beyond;
        return values;
    }

    private sealed record Results(float Max, float ExpAndSum, float SumExp, float Sum);
}
