using OrleansAlign.Models.Losses.Preferences;

namespace OrleansAlign.Models.Tests.Losses.Preferences;

/// <summary>What holds of every loss.</summary>
internal static class PairChecks
{
    /// <summary>Asserts that the slope is the central difference, at margins on both sides of 0 and of the losses' kinks and targets.</summary>
    public static void AssertSlopes(MarginLoss loss)
    {
        const double Step = 1e-5;
        foreach (double h in (double[])[2, -2.5, -5.5, 12, 0])
            Assert.Equal((loss.OfMargin(h + Step).Value - loss.OfMargin(h - Step).Value) / (2 * Step), loss.OfMargin(h).Slope, 1e-6);
    }
}
