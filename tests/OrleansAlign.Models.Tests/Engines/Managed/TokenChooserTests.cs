using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Tests.Engines.Managed;

public unsafe class TokenChooserTests
{
    // A shuffled vocabulary of 40 whose probabilities are 1/2, 1/4, 1/8 … : rank r has id (r · 7) mod 40.
    private const int Count = 40;

    [Fact]
    public void Without_truncation_every_token_is_drawn_in_proportion()
    {
        SortedDictionary<int, double> shares = Shares(Powers(), new SamplingOptions());
        for (int rank = 0; rank < 8; rank++) Assert.Equal(Math.Pow(2, -rank - 1), shares[Id(rank)], 2e-3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(25)]
    public void Top_k_keeps_the_k_most_probable(int k) => AssertKept(k, new SamplingOptions { TopK = k });

    // Cumulative masses: 1/2, 3/4, 7/8 …
    [Theory]
    [InlineData(0.01, 1)]
    [InlineData(0.499, 1)]
    [InlineData(0.51, 2)]
    [InlineData(0.749, 2)]
    [InlineData(0.8, 3)]
    public void Top_p_keeps_the_smallest_set_that_reaches_p(double p, int kept) => AssertKept(kept, new SamplingOptions { TopP = p });

    [Theory]
    [InlineData(0.9, 1)]
    [InlineData(0.5, 2)]
    [InlineData(0.2, 3)]
    public void Min_p_keeps_a_share_of_the_most_probable(double p, int kept)
    {
        AssertKept(kept, new SamplingOptions { MinP = p });
        AssertKept(kept, new SamplingOptions { MinP = p, TopP = 0.999 });
    }

    [Fact]
    public void Top_p_counts_the_mass_that_top_k_left()
    {
        // Of the first two, 1/2 and 1/4, the first has two thirds.
        AssertKept(1, new SamplingOptions { TopK = 2, TopP = 0.66 });
        AssertKept(2, new SamplingOptions { TopK = 2, TopP = 0.67 });
    }

    [Fact]
    public void Temperature_comes_before_truncation()
    {
        // At temperature 2 the ratio of neighbours is √2; the first has 1 − 1/√2 = 0.29 of the mass.
        AssertKept(2, new SamplingOptions { Temperature = 2, TopP = 0.3 });
        AssertKept(1, new SamplingOptions { Temperature = 2, TopP = 0.29 });
        AssertKept(3, new SamplingOptions { Temperature = 2, MinP = 0.5 });
    }

    [Fact]
    public void Equal_logits_are_ranked_by_id()
    {
        float[] flat = new float[48];
        Assert.Equal(0, Choose(flat, new SamplingOptions { Temperature = 0 }, 0.9));
        Assert.Equal([0, 1, 2], Shares(flat, new SamplingOptions { TopK = 3 }).Keys);
        flat[30] = flat[31] = 1;
        Assert.Equal(30, Choose(flat, new SamplingOptions { Temperature = 0 }, 0.9));
        Assert.Equal(30, Choose(flat, new SamplingOptions { TopK = 1 }, 0.9));
    }

    [Fact]
    public void A_vanishing_temperature_is_greedy()
    {
        foreach (double temperature in new[] { 1e-3, 1e-30, 1e-300 })
        {
            Assert.Equal([Id(0)], Shares(Powers(), new SamplingOptions { Temperature = temperature }).Keys);
            Assert.Equal([Id(0)], Shares(Powers(), new SamplingOptions { Temperature = temperature, TopP = 0.99 }).Keys);
        }
    }

    [Fact]
    public void The_extremes_of_the_uniform_number_draw_tokens_with_probability()
    {
        float[] logits = new float[48];
        Array.Fill(logits, float.NegativeInfinity);
        logits[5] = 1;
        logits[33] = 2;
        var options = new SamplingOptions();
        Assert.Equal(5, Choose(logits, options, 0));
        Assert.Equal(33, Choose(logits, options, 1 - (1.0 / (1UL << 53))));
        Assert.Equal(5, Choose(logits, options with { TopP = 0.99 }, 0));
        Assert.Equal(33, Choose(logits, options with { TopP = 0.99 }, 1 - (1.0 / (1UL << 53))));
    }

    [Fact]
    public void Truncation_that_keeps_everything_draws_what_no_truncation_draws()
    {
        float[] logits = Powers();
        for (int i = 0; i < 2000; i++)
        {
            double uniform = CounterRandom.Uniform(3, (ulong)i);
            Assert.Equal(Choose(logits, new SamplingOptions(), uniform), Choose(logits, new SamplingOptions { MinP = 1e-12 }, uniform));
            Assert.Equal(Choose(logits, new SamplingOptions(), uniform), Choose(logits, new SamplingOptions { TopK = Count }, uniform));
        }
    }

    private static void AssertKept(int ranks, SamplingOptions options) =>
        Assert.Equal(Enumerable.Range(0, Math.Min(ranks, 9)).Select(Id).Order(), Shares(Powers(), options).Where(s => s.Value > 1e-3).Select(s => s.Key));

    private static int Id(int rank) => rank * 7 % Count;

    private static float[] Powers()
    {
        float[] logits = new float[48];
        for (int rank = 0; rank < Count; rank++) logits[Id(rank)] = (float)(-rank * Math.Log(2)) + 3;
        Array.Fill(logits, 1000f, Count, 8);
        return logits;
    }

    // Shares over an even grid of uniform numbers.
    private static SortedDictionary<int, double> Shares(float[] logits, SamplingOptions options)
    {
        const int grid = 5000;
        SortedDictionary<int, double> shares = [];
        for (int i = 0; i < grid; i++)
        {
            int id = Choose(logits, options, (i + 0.5) / grid);
            shares[id] = shares.GetValueOrDefault(id) + (1.0 / grid);
        }

        return shares;
    }

    private static int Choose(float[] logits, SamplingOptions options, double uniform)
    {
        float[] weights = new float[logits.Length];
        int count = logits[^1] == 1000f ? Count : logits.Length;
        fixed (float* l = logits, w = weights)
        {
            int wide = new TokenChooser<Simd512>().Choose(l, count, w, options, uniform);
            Assert.Equal(wide, new TokenChooser<Simd128>().Choose(l, count, w, options, uniform));
            return wide;
        }
    }
}
