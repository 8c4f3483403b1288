using OrleansAlign.Models.Losses.Preferences;

namespace OrleansAlign.Models.Tests.Losses.Preferences;

public sealed class SigmoidLossTests
{
    [Fact]
    public void A_margin_has_the_loss_and_slope_worked_by_hand()
    {
        // h = 2: ln(1 + e^−0.2); −0.1 / (1 + e^0.2)
        Assert.Equal(0.5981388693815918, new SigmoidLoss(0.1).OfMargin(2).Value, 12);
        Assert.Equal(-0.045016600268752216, new SigmoidLoss(0.1).OfMargin(2).Slope, 12);
        Assert.Equal(Math.Log(2), new SigmoidLoss(0.1).OfMargin(0).Value, 12);
    }

    [Fact]
    public void Slopes_are_the_central_differences() => PairChecks.AssertSlopes(new SigmoidLoss(0.4));

    [Fact]
    public void The_slope_is_minus_beta_sigma_of_minus_beta_h()
    {
        for (double h = -30; h <= 30; h += 0.37) Assert.Equal(-0.7 / (1 + Math.Exp(0.7 * h)), new SigmoidLoss(0.7).OfMargin(h).Slope, 12);
    }

    [Fact]
    public void Turning_the_label_round_changes_the_loss_by_the_scaled_margin() =>
        Assert.Equal(0.3 * 2, new SigmoidLoss(0.3).OfMargin(-2).Value - new SigmoidLoss(0.3).OfMargin(2).Value, 12);

    [Fact]
    public void Margins_of_any_size_give_finite_numbers()
    {
        var loss = new SigmoidLoss(1);
        Assert.Equal((1e6, -1.0), loss.OfMargin(-1e6));
        Assert.Equal((0.0, 0.0), loss.OfMargin(1e6), (a, b) => a.Item1 == b.Item1 && a.Item2 == -b.Item2);
        Assert.Equal(1, loss.OfMargin(50).Value / Math.Exp(-50), 12);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1.0)]
    public void With_lambda_as_beta_it_is_the_loss_of_self_play(double lambda)
    {
        // SPIN's own formula: ℓ(λ log(πθ(y)/πt(y)) − λ log(πθ(y′)/πt(y′))) with ℓ(t) = log(1 + e⁻ᵗ); y real, y′ generated.
        double spin = Math.Log(1 + Math.Exp(-((lambda * (-3 - -3.5)) - (lambda * (-4 - -2.5)))));
        Assert.Equal(spin, new SigmoidLoss(lambda).OfMargin((-3 - -3.5) - (-4 - -2.5)).Value, 12);
    }
}
