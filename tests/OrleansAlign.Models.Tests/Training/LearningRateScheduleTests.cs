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
        var schedule = new LearningRateSchedule { Peak = 2, Decay = decay, WarmupSteps = 3, FinalFraction = 0.2 };
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
        var byRatio = new LearningRateSchedule { WarmupRatio = ratio, Decay = LearningRateDecay.Cosine };
        var bySteps = new LearningRateSchedule { WarmupSteps = steps, Decay = LearningRateDecay.Cosine };
        for (int step = 0; step <= total; step++) Assert.Equal(bySteps.Rate(step, total), byRatio.Rate(step, total));
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
    public void A_warm_up_longer_than_the_run_only_rises()
    {
        var schedule = new LearningRateSchedule { Peak = 1, WarmupSteps = 9, Decay = LearningRateDecay.Linear };
        Assert.Equal([0.1, 0.2, 0.3], Enumerable.Range(0, 3).Select(s => Math.Round(schedule.Rate(s, 3), 12)));
        Assert.Equal(0, schedule.Rate(0, 0) - 0.1, 12);
        Assert.Equal(0, new LearningRateSchedule { Decay = LearningRateDecay.Linear }.Rate(0, 0));
    }

    [Fact]
    public void Every_problem_is_reported_with_its_key()
    {
        var schedule =
            new LearningRateSchedule { Peak = 0, Decay = (LearningRateDecay)5, WarmupSteps = 2, WarmupRatio = 1, FinalFraction = double.NaN };
        Assert.Equal(
            [
                "peak is 0; it must be a number above 0",
                "decay is 5; it must be constant, linear or cosine",
                "warmup-ratio is 1; it must be 0 or more and below 1",
                "warmup-steps is 2 and warmup-ratio is 1; give one of them",
                "final-fraction is NaN; it must be from 0 to 1",
            ],
            schedule.Problems());
        Assert.Equal(["warmup-steps is -1; it must be 0 or more"], new LearningRateSchedule { WarmupSteps = -1 }.Problems());
        Assert.Empty(new LearningRateSchedule().Problems());
    }

    [Fact]
    public void Negative_steps_are_misuse()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule().Rate(-1, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule().Rate(1, -5));
    }
}
