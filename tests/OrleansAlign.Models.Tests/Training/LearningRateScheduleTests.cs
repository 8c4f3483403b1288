using OrleansAlign.Models.Training;

namespace OrleansAlign.Models.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(LearningRateDecay.Constant, new[] { 0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1 })]
    [InlineData(LearningRateDecay.Linear, new[] { 0.25, 0.5, 0.75, 1, 0.8, 0.6, 0.4, 0.2, 0.2 })]
    [InlineData(LearningRateDecay.Cosine, new[] { 0.25, 0.5, 0.75, 1, 0.8828427124746190, 0.6, 0.3171572875253810, 0.2, 0.2 })]
    public void Seven_steps_with_three_of_warm_up_are_worked_by_hand(LearningRateDecay decay, double[] expected)
    {
        var schedule = new LearningRateSchedule { Peak = 2, Decay = decay, WarmupRatio = 3.0 / 7, FinalFraction = 0.2 };
        Assert.All(expected.Index(), e => Assert.Equal(2 * e.Item, schedule.Rate(e.Index, 7), 12));
    }

    [Fact]
    public void A_linear_fall_to_a_fifth_without_warm_up_is_worked_by_hand()
    {
        var schedule = new LearningRateSchedule { Peak = 5.5, Decay = LearningRateDecay.Linear, FinalFraction = 0.2 };
        Assert.Equal(5.5, schedule.Rate(0, 1000), 12);
        Assert.Equal(3.3, schedule.Rate(500, 1000), 12);
        Assert.Equal(1.1, schedule.Rate(1000, 1000), 12);
    }

    [Theory]
    [InlineData(0.03, 100, 3)]
    [InlineData(0.07, 100, 7)]
    [InlineData(0.1, 64, 7)]
    [InlineData(0.0, 64, 0)]
    public void A_ratio_of_warm_up_is_rounded_up(double ratio, int total, int steps)
    {
        var schedule = new LearningRateSchedule { Peak = 1, WarmupRatio = ratio, Decay = LearningRateDecay.Cosine };
        for (int step = 0; step < steps; step++) Assert.Equal((step + 1.0) / (steps + 1), schedule.Rate(step, total), 12);
        Assert.Equal(1, schedule.Rate(steps, total));
        Assert.InRange(schedule.Rate(steps + 1, total), 0.9, 0.99999);
    }

    [Fact]
    public void No_step_before_the_end_has_a_rate_of_0()
    {
        foreach (LearningRateDecay decay in Enum.GetValues<LearningRateDecay>())
        {
            var schedule = new LearningRateSchedule { Decay = decay, WarmupRatio = 0.1 };
            for (int total = 1; total < 40; total++)
            {
                for (int step = 0; step < total; step++) Assert.InRange(schedule.Rate(step, total), double.Epsilon, schedule.Peak);
            }
        }
    }

    [Fact]
    public void A_warm_up_as_long_as_the_run_only_rises()
    {
        var schedule = new LearningRateSchedule { Peak = 1, WarmupRatio = 0.99, Decay = LearningRateDecay.Linear };
        Assert.Equal([0.25, 0.5, 0.75], Enumerable.Range(0, 3).Select(s => schedule.Rate(s, 3)));
        Assert.Equal(0, new LearningRateSchedule { Decay = LearningRateDecay.Linear }.Rate(0, 0));
    }

    [Fact]
    public void Negative_steps_are_misuse()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule().Rate(-1, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule().Rate(1, -5));
    }
}
