using OrleansAlign.Models.Losses.Preferences;

namespace OrleansAlign.Models.Tests.Losses.Preferences;

public sealed class HingeLossTests
{
    [Fact]
    public void A_margin_has_the_loss_and_slope_worked_by_hand()
    {
        // h = 2: 1 − 0.1 · 2
        Assert.Equal(0.8, new HingeLoss(0.1).OfMargin(2).Value, 12);
        Assert.Equal(-0.1, new HingeLoss(0.1).OfMargin(2).Slope);
        Assert.Equal(1, new HingeLoss(0.1).OfMargin(0).Value);
    }

    [Fact]
    public void Slopes_are_the_central_differences() => PairChecks.AssertSlopes(new HingeLoss(0.4));

    [Fact]
    public void It_is_flat_from_its_kink_on()
    {
        var loss = new HingeLoss(0.5);
        Assert.Equal((0.0, 0.0), loss.OfMargin(2));
        Assert.Equal((0.0, 0.0), loss.OfMargin(3));
        Assert.Equal((0.5, -0.5), loss.OfMargin(1));
    }
}
