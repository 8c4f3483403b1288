using OrleansAlign.Models.Losses.Preferences;

namespace OrleansAlign.Models.Tests.Losses.Preferences;

public sealed class IpoLossTests
{
    [Fact]
    public void A_margin_has_the_loss_and_slope_worked_by_hand()
    {
        // h = 2: (2 − 5)²; 2 · (2 − 5)
        Assert.Equal(9, new IpoLoss(0.1).OfMargin(2).Value, 12);
        Assert.Equal(-6, new IpoLoss(0.1).OfMargin(2).Slope, 12);
        Assert.Equal(25, new IpoLoss(0.1).OfMargin(0).Value, 12);
    }

    [Fact]
    public void Slopes_are_the_central_differences() => PairChecks.AssertSlopes(new IpoLoss(0.4));

    [Fact]
    public void It_is_0_at_its_target_margin() => Assert.Equal((0.0, 0.0), new IpoLoss(0.25).OfMargin(2));
}
