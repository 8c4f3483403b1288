namespace OrleansAlign.Core.Statistics;

/// <summary>What a count of successes says about a probability.</summary>
public static class Proportion
{
    /// <summary>The two-sided normal quantile of 95 %.</summary>
    public const double Z95 = 1.959963984540054;

    /// <summary>Wilson's score interval (1927): honest for few trials and near 0 or 1; [0, 1] without trials.</summary>
    /// <param name="successes">From 0 to <paramref name="trials"/>; a tie may count as half.</param>
    /// <param name="trials">At least 0.</param>
    /// <param name="z">Normal quantile; default 95 %, two-sided.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range or not a number.</exception>
    public static Interval Wilson(double successes, double trials, double z = Z95)
    {
        if (!(trials >= 0) || double.IsInfinity(trials)) throw new ArgumentOutOfRangeException(nameof(trials), trials, "must be 0 or more");
        if (!(successes >= 0 && successes <= trials))
            throw new ArgumentOutOfRangeException(nameof(successes), successes, $"must be from 0 to {trials}");
        if (!(z > 0) || double.IsInfinity(z)) throw new ArgumentOutOfRangeException(nameof(z), z, "must be positive");
        if (trials == 0) return new Interval(0, 1);
        double p = successes / trials, zz = z * z;
        double centre = p + (zz / (2 * trials));
        double half = z * Math.Sqrt((p * (1 - p) / trials) + (zz / (4 * trials * trials)));
        double scale = 1 + (zz / trials);
        return new Interval(Math.Max(0, (centre - half) / scale), Math.Min(1, (centre + half) / scale));
    }

    /// <summary>Two-sided exact binomial test: the probability of a count at least as unlikely as <paramref name="successes"/>.</summary>
    /// <param name="successes">From 0 to <paramref name="trials"/>.</param>
    /// <param name="trials">At least 0.</param>
    /// <param name="probability">Success probability under the hypothesis, in (0, 1). Default ½.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range or not a number.</exception>
    public static double BinomialTest(int successes, int trials, double probability = 0.5)
    {
        if (trials < 0) throw new ArgumentOutOfRangeException(nameof(trials), trials, "must be 0 or more");
        if (successes < 0 || successes > trials) throw new ArgumentOutOfRangeException(nameof(successes), successes, $"must be from 0 to {trials}");
        if (!(probability > 0 && probability < 1)) throw new ArgumentOutOfRangeException(nameof(probability), probability, "must be between 0 and 1");
        double[] logs = new double[trials + 1];
        double logP = Math.Log(probability), logQ = Math.Log(1 - probability), choose = 0;
        for (int k = 0; k <= trials; k++)
        {
            if (k > 0) choose += Math.Log(trials - k + 1) - Math.Log(k);
            logs[k] = choose + (k * logP) + ((trials - k) * logQ);
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
