using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Statistics;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Tests.Statistics;

public class StatisticsTests
{
    [Theory]
    [InlineData(5, 10, 0.2366, 0.7634)]
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(0, 0, 0, 1)]
    public void Wilsons_interval_has_the_textbooks_values(double successes, double trials, double low, double high)
    {
        Interval interval = Proportion.Wilson(successes, trials);
        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    [Fact]
    public void A_count_that_is_none_is_misuse()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Proportion.Wilson(double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Proportion.Wilson(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Proportion.BinomialTest(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Proportion.BinomialTest(1, 2, 0));
    }

    [Theory]
    [InlineData(5, 10, 0.5, 1)]
    [InlineData(8, 10, 0.5, 112.0 / 1024)]
    [InlineData(0, 10, 0.5, 2.0 / 1024)]
    [InlineData(2, 3, 0.2, 0.104)]
    [InlineData(0, 0, 0.5, 1)]
    public void The_binomial_test_is_exact(int successes, int trials, double probability, double expected) =>
        Assert.Equal(expected, Proportion.BinomialTest(successes, trials, probability), 10);

    [Fact]
    public void Moments_match_their_definition_and_merge()
    {
        double[] values = [.. Enumerable.Range(0, 100).Select(i => 1e6 + CounterRandom.Normal(3, (ulong)i))];
        double mean = values.Average(), variance = values.Sum(v => (v - mean) * (v - mean)) / 99;
        Moments all = Moments.Of(values), merged = Moments.Of(values.Take(33)).Merge(Moments.Of(values.Skip(33)));
        Assert.Equal(mean, all.Mean, 6);
        Assert.Equal(variance, all.Variance, 6);
        Assert.Equal(variance, merged.Variance, 6);
        Assert.Equal((100, Math.Sqrt(all.Variance)), (merged.Count, all.Deviation));
        Assert.Equal((0, 0.0, 0.0), (Moments.Empty.Count, Moments.Empty.Mean, Moments.Empty.Add(5).Deviation));
        Assert.Equal(all, all.Merge(Moments.Empty));
        Assert.Equal(all, Moments.Empty.Merge(all));
    }

    [Fact]
    public void Two_players_strengths_are_the_log_odds_of_their_wins()
    {
        double[] strengths = new BradleyTerry { Prior = 1e-9 }.Fit(2, [new Win(0, 1, 3), new Win(1, 0, 1)]);
        Assert.Equal(Math.Log(3), strengths[0] - strengths[1], 6);
        Assert.Equal(0.75, BradleyTerry.Probability(strengths[0], strengths[1]), 6);
        Assert.Equal(0, strengths.Sum(), 12);
    }

    [Fact]
    public void At_the_fitted_strengths_every_players_wins_are_those_expected()
    {
        Win[] wins = [new(0, 1, 4), new(1, 0, 2), new(1, 2, 5), new(2, 1, 1), new(0, 2, 2), .. Win.Tie(0, 2)];
        var model = new BradleyTerry { Prior = 0.5 };
        double[] s = model.Fit(3, wins);
        static double Expected(double own, double other, double matches) => matches * BradleyTerry.Probability(own, other);

        // With the prior the mean is shifted after the fit; find the shift at which the equations hold, from the first player's.
        double Residual(int i, double shift) => 0.5 - Expected(s[i] + shift, 0, 1.0)
            + wins.Where(w => w.Winner == i).Sum(w => w.Weight)
            - wins.Where(w => w.Winner == i || w.Loser == i).Sum(w => Expected(s[i], s[w.Winner == i ? w.Loser : w.Winner], w.Weight));
        double low = -10, high = 10;
        for (int i = 0; i < 100; i++) (low, high) = Residual(0, (low + high) / 2) > 0 ? ((low + high) / 2, high) : (low, (low + high) / 2);
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(0, Residual(i, low), 6));
    }

    [Fact]
    public void The_order_of_comparisons_changes_no_bit_and_nobodys_strength_is_infinite()
    {
        Win[] wins = [new(0, 1), new(0, 2), new(1, 2), new(0, 1, 0.3), new(0, 1, 0.1), .. Win.Tie(3, 4)];
        double[] strengths = new BradleyTerry().Fit(6, wins);
        Assert.Equal(strengths, new BradleyTerry().Fit(6, wins.Reverse()));
        Assert.All(strengths, s => Assert.True(double.IsFinite(s)));
        Assert.True(strengths[0] > strengths[1] && strengths[1] > strengths[2]);
        Assert.Equal(strengths[3], strengths[4]);
        Assert.Equal([0.0, 0.0], new BradleyTerry().Fit(2, []));
        Assert.Throws<ArgumentException>(() => new BradleyTerry().Fit(2, [new Win(0, 0)]));
        Assert.Throws<ArgumentException>(() => new BradleyTerry().Fit(2, [new Win(0, 2)]));
        Assert.Throws<ArgumentException>(() => new BradleyTerry { Prior = 0 }.Fit(2, []));
    }

    [Fact]
    public void A_bootstrap_interval_covers_the_mean_and_depends_on_the_seed_alone()
    {
        double[] sample = [.. Enumerable.Range(0, 200).Select(i => CounterRandom.Normal(8, (ulong)i))];
        Interval interval = Bootstrap.Mean(sample, 1);
        Assert.True(interval.Contains(sample.Average()));
        Assert.InRange(interval.Width, 0.2, 0.36);
        Assert.Equal(interval, Bootstrap.Mean(sample, 1));
        Assert.NotEqual(interval, Bootstrap.Mean(sample, 2));
        Assert.True(Bootstrap.Mean(sample, 1, level: 0.5).Width < interval.Width);
        Assert.Equal(new Interval(3, 3), Bootstrap.Mean([3], 1));
        Assert.Throws<ArgumentException>(() => Bootstrap.Mean([], 1));
    }

    [Fact]
    public void A_win_rate_counts_ties_half_and_invalids_not_at_all()
    {
        static Verdict Verdict(Outcome outcome) => new(outcome, 0, 0, 0, []);
        Outcome[] others = [Outcome.B, Outcome.Tie, Outcome.Tie, Outcome.Invalid];
        WinRate rate = WinRate.Of(Enumerable.Repeat(Outcome.A, 6).Concat(others).Select(Verdict));
        Assert.Equal(new WinRate(6, 1, 2, 1), rate);
        Assert.Equal(7.0 / 9, rate.Rate);
        Assert.Equal(1 - rate.Rate!.Value, rate.Swap().Rate!.Value, 12);
        Assert.True(rate.Interval.Contains(7.0 / 9));
        Assert.Equal(16.0 / 128, rate.PValue, 10);
        Assert.Null(new WinRate(0, 0, 0, 3).Rate);
    }
}
