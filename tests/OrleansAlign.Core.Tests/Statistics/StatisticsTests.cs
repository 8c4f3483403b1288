using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Statistics;

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

    [Theory]
    [InlineData(5, 10, 1)]
    [InlineData(8, 10, 112.0 / 1024)]
    [InlineData(0, 10, 2.0 / 1024)]
    [InlineData(0, 0, 1)]
    public void The_sign_test_is_exact(int successes, int trials, double expected) =>
        Assert.Equal(expected, Proportion.SignTest(successes, trials), 10);

    [Fact]
    public void A_win_rate_counts_ties_half_and_invalids_not_at_all()
    {
        static Verdict Verdict(Outcome outcome) => new(outcome, 0, 0, 0, []);
        Outcome[] others = [Outcome.B, Outcome.Tie, Outcome.Tie, Outcome.Invalid];
        WinRate rate = WinRate.Of(Enumerable.Repeat(Outcome.A, 6).Concat(others).Select(Verdict));
        Assert.Equal(new WinRate(6, 1, 2, 1), rate);
        Assert.Equal(7.0 / 9, rate.Rate);
        Assert.Equal(Proportion.Wilson(7, 9), rate.Interval);
        Assert.Equal(16.0 / 128, rate.PValue, 10);
        Assert.Null(new WinRate(0, 0, 0, 3).Rate);
    }
}
