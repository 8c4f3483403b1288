namespace OrleansAlign.Core.Statistics;

/// <summary>Count, mean and spread of a stream of numbers (Welford 1962; merging after Chan, Golub and LeVeque 1979). Immutable.</summary>
public readonly record struct Moments
{
    private readonly double squares;

    private Moments(long count, double mean, double squares) => (Count, Mean, this.squares) = (count, mean, squares);

    /// <summary>Nothing seen yet.</summary>
    public static Moments Empty => default;

    /// <summary>How many numbers.</summary>
    public long Count { get; }

    /// <summary>Their mean; 0 without any.</summary>
    public double Mean { get; }

    /// <summary>Their sample variance, divided by count − 1; 0 below two.</summary>
    public double Variance => Count < 2 ? 0 : squares / (Count - 1);

    /// <summary>Root of <see cref="Variance"/>.</summary>
    public double Deviation => Math.Sqrt(Variance);

    /// <summary>Moments of a whole list.</summary>
    public static Moments Of(IEnumerable<double> values) => values.Aggregate(Empty, (moments, value) => moments.Add(value));

    /// <summary>These and one more number.</summary>
    public Moments Add(double value)
    {
        long count = Count + 1;
        double delta = value - Mean, mean = Mean + (delta / count);
        return new Moments(count, mean, squares + (delta * (value - mean)));
    }

    /// <summary>These and those of another stream.</summary>
    public Moments Merge(Moments other)
    {
        if (Count == 0) return other;
        if (other.Count == 0) return this;
        long count = Count + other.Count;
        double delta = other.Mean - Mean;
        return new Moments(
            count, Mean + (delta * other.Count / count), squares + other.squares + (delta * delta * ((double)Count * other.Count / count)));
    }
}
