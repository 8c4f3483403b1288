namespace OrleansAlign.Core.Judging;

/// <summary>Combines several pointwise judgements (Self-Rewarding, 2401.10020).</summary>
public static class PointwiseScore
{
    /// <summary>Mean of the scores among several judgements of one response; the unparsable are skipped, and with none left the mean is
    /// unparsable.</summary>
    public static Rating Average(IReadOnlyList<Rating> judgements)
    {
        double[] scores = [.. judgements.OfType<Rating.Scored>().Select(s => s.Value)];
        if (scores.Length == 0) return new Rating.Unparsable($"none of {judgements.Count} judgements gave a score");
        Array.Sort(scores);
        double mean = 0;
        // Dividing first cannot overflow where the scores themselves did not.
        for (int i = 0; i < scores.Length; i++) mean += scores[i] / scores.Length;
        return Rating.Of(mean);
    }

    /// <summary>Best and worst of the rated responses, the lowest index among equals; null if fewer than two have a score or all scores
    /// are equal.</summary>
    public static (int Best, int Worst)? Extremes(IReadOnlyList<Rating> ratings)
    {
        int best = -1, worst = -1;
        double high = 0, low = 0;
        for (int i = 0; i < ratings.Count; i++)
        {
            if (ratings[i] is not Rating.Scored { Value: double value }) continue;
            if (best < 0 || value > high) (best, high) = (i, value);
            if (worst < 0 || value < low) (worst, low) = (i, value);
        }

        return best >= 0 && high > low ? (best, worst) : null;
    }
}
