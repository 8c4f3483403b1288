namespace OrleansAlign.Core.Statistics;

/// <summary>What a count of successes says about a probability.</summary>
public static class Proportion
{
    /// <summary>The two-sided normal quantile of 95 %.</summary>
    private const double Z95 = 1.959963984540054;

    /// <summary>Wilson's score interval of 95 % (1927): honest for few trials and near 0 or 1; [0, 1] without trials.</summary>
    /// <param name="successes">From 0 to <paramref name="trials"/>; a tie may count as half.</param>
    /// <param name="trials">At least 0.</param>
    public static Interval Wilson(double successes, double trials)
    {
        if (trials == 0) return new Interval(0, 1);
        double p = successes / trials, zz = Z95 * Z95;
        double centre = p + (zz / (2 * trials));
        double half = Z95 * Math.Sqrt((p * (1 - p) / trials) + (zz / (4 * trials * trials)));
        double scale = 1 + (zz / trials);
        return new Interval(Math.Max(0, (centre - half) / scale), Math.Min(1, (centre + half) / scale));
    }

    /// <summary>The sign test, a two-sided exact binomial test of an even chance: the probability of a count at least as unlikely as
    /// <paramref name="successes"/>.</summary>
    /// <param name="successes">From 0 to <paramref name="trials"/>.</param>
    /// <param name="trials">At least 0.</param>
    public static double SignTest(int successes, int trials)
    {
        double[] logs = new double[trials + 1];
        double logHalf = Math.Log(0.5), choose = 0;
        for (int k = 0; k <= trials; k++)
        {
            if (k > 0) choose += Math.Log(trials - k + 1) - Math.Log(k);
            logs[k] = choose + (k * logHalf) + ((trials - k) * logHalf);
        }

        // Counts of the same probability differ by rounding only; the slack keeps both tails of a symmetric test.
        double limit = logs[successes] + 1e-9, total = 0;
        foreach (double log in logs)
        {
            if (log <= limit) total += Math.Exp(log);
        }

        return Math.Min(1, total);
    }
}
