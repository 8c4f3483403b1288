using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Statistics;

/// <summary>Percentile intervals by resampling with replacement (Efron 1979); draws are a function of the seed.</summary>
public static class Bootstrap
{
    /// <summary>Interval of any statistic of a sample.</summary>
    /// <param name="sample">At least one item, in an order that does not depend on arrival.</param>
    /// <param name="statistic">What is computed from each resample.</param>
    /// <param name="seed">What the draws derive from.</param>
    /// <param name="resamples">How many; at least 1, default 1000.</param>
    /// <param name="level">Confidence in (0, 1); default 0.95.</param>
    /// <exception cref="ArgumentException">The sample is empty, or a number is out of range.</exception>
    public static Interval Estimate<T>(
        IReadOnlyList<T> sample, Func<IReadOnlyList<T>, double> statistic, ulong seed, int resamples = 1000, double level = 0.95)
    {
        if (sample.Count == 0) throw new ArgumentException("an empty sample has no interval", nameof(sample));
        if (resamples < 1) throw new ArgumentException($"{resamples} resamples; take at least 1", nameof(resamples));
        if (!(level > 0 && level < 1)) throw new ArgumentException($"a confidence level of {level}; it must be between 0 and 1", nameof(level));
        double[] values = new double[resamples];
        var resample = new T[sample.Count];
        for (int i = 0; i < resamples; i++)
        {
            ulong draw = CounterRandom.Derive(seed, (ulong)i);
            for (int j = 0; j < resample.Length; j++) resample[j] = sample[CounterRandom.Integer(draw, (ulong)j, resample.Length)];
            values[i] = statistic(resample);
        }

        Array.Sort(values);
        return new Interval(Quantile(values, (1 - level) / 2), Quantile(values, (1 + level) / 2));
    }

    /// <summary>Interval of a mean.</summary>
    /// <exception cref="ArgumentException">The sample is empty, or a number is out of range.</exception>
    public static Interval Mean(IReadOnlyList<double> sample, ulong seed, int resamples = 1000, double level = 0.95) =>
        Estimate(sample, s => Moments.Of(s).Mean, seed, resamples, level);

    /// <summary>Quantile of sorted values, linear between neighbours.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[^1];
    }
}
