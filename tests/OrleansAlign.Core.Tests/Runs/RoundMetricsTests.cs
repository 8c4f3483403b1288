using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Tests.Runs;

public sealed class RoundMetricsTests
{
    [Fact]
    public void Steps_are_summed_up_by_their_last_tenth()
    {
        StepRow[] steps = [.. Enumerable.Range(1, 20).Select(i => new StepRow(
            0, 0, i, 1e-3, new StepReport(100 - i, i, 7, new Dictionary<string, double> { ["logps/chosen"] = -i, ["rewards/margins"] = i / 10.0 })))];

        Dictionary<string, double> metrics = RoundMetrics.OfSteps(steps);

        Assert.Equal((20.0, 80.5, 19.5), (metrics[RoundMetrics.Steps], metrics[RoundMetrics.Loss], metrics[RoundMetrics.GradientNorm]));
        Assert.Equal(1.95, metrics[RoundMetrics.RewardMargin], 12);
        Assert.Equal(-19.5, metrics["logps/chosen"]);
    }

    [Fact]
    public void No_steps_have_no_loss() => Assert.Equal([RoundMetrics.Steps], RoundMetrics.OfSteps([]).Keys);

    [Fact]
    public void A_judges_health_is_read_back_as_it_was_noted()
    {
        var health = new JudgeHealth
        {
            Verdicts = 20, Decided = 14, Ties = 4, Invalids = 2, BothOrders = 18, Flips = 3,
            LengthsDiffer = 10, LongerWins = 6, OrdersDecided = 30, FirstPreferred = 17, Triads = 5, Cycles = 1,
        };
        Dictionary<string, double> metrics = [];

        RoundMetrics.Add(metrics, health);

        Assert.Equal(health, RoundMetrics.HealthOf(metrics));
        Assert.Equal(
            (3.0 / 18, 0.2, 0.1),
            (metrics[RoundMetrics.FlipRate], metrics[RoundMetrics.TieRate], metrics[RoundMetrics.InvalidRate]));

        Dictionary<string, double> unjudged = [];
        RoundMetrics.Add(unjudged, JudgeHealth.Empty);
        Assert.DoesNotContain(RoundMetrics.TieRate, unjudged.Keys);
    }
}
