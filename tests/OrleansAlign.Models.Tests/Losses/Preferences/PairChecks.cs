using OrleansAlign.Models.Losses.Preferences;

namespace OrleansAlign.Models.Tests.Losses.Preferences;

/// <summary>Pairs of given log-probs, and what holds of every loss on them.</summary>
internal static class PairChecks
{
    /// <summary>Pairs with margins on both sides of 0 and of the losses' kinks and targets, and unlike lengths.</summary>
    private static readonly PairLogProbs[] pairs =
    [
        Pair(-3, -4, -3.5, -2.5), Pair(-4.25, -3.75, -3, -5), Pair(-6, 0, -5.5, -0.5), Pair(-2, -9, -8, -3), Pair(-0.5, -0.25, -0.5, -0.25),
    ];

    /// <summary>One pair of summed log-probs, of three tokens and two.</summary>
    public static PairLogProbs Pair(double chosen, double rejected, double referenceChosen, double referenceRejected) =>
        new(new ResponseLogProbs(chosen, referenceChosen, 3, 1), new ResponseLogProbs(rejected, referenceRejected, 2, 1));

    /// <summary>A pair with margin <paramref name="h"/>.</summary>
    public static PairLogProbs Margin(double h) => Pair(h, 0, 0, 0);

    /// <summary>Values and slopes of a batch.</summary>
    public static PairLoss[] Evaluate(IPreferenceLoss loss, params PairLogProbs[] batch)
    {
        var losses = new PairLoss[batch.Length];
        loss.Evaluate(batch, losses);
        return losses;
    }

    /// <summary>Asserts that the slopes are the central differences of the batch's summed loss, with respect to each policy log-prob.</summary>
    public static void AssertSlopes(IPreferenceLoss loss)
    {
        const double Step = 1e-5;
        PairLoss[] slopes = Evaluate(loss, pairs);
        for (int p = 0; p < pairs.Length; p++)
        {
            Assert.Equal(Difference(p, 1, 0), slopes[p].ChosenSlope, 1e-6);
            Assert.Equal(Difference(p, 0, 1), slopes[p].RejectedSlope, 1e-6);
        }

        double Difference(int p, int chosen, int rejected) =>
            (Moved(p, chosen * Step, rejected * Step) - Moved(p, -chosen * Step, -rejected * Step)) / (2 * Step);

        double Moved(int p, double chosen, double rejected)
        {
            PairLogProbs[] moved = [.. pairs];
            (ResponseLogProbs c, ResponseLogProbs r) = pairs[p];
            moved[p] = new PairLogProbs(c with { PolicySum = c.PolicySum + chosen }, r with { PolicySum = r.PolicySum + rejected });
            return Evaluate(loss, moved).Sum(l => l.Value);
        }
    }
}
