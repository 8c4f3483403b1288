namespace OrleansAlign.Models.Training;

/// <summary>How the learning rate falls after its warm-up.</summary>
public enum LearningRateDecay
{
    /// <summary>Not at all.</summary>
    Constant,

    /// <summary>Along a straight line.</summary>
    Linear,

    /// <summary>Along half a cosine wave (Loshchilov and Hutter, 1608.03983, eq. 5, without restarts).</summary>
    Cosine,
}

/// <summary>The learning rate of every step, as a pure function of the step's number.</summary>
/// <remarks>
/// With W warm-up steps of T: step t &lt; W has the rate peak · (t + 1) / (W + 1); from W on the rate falls from the peak, with progress (t − W) / (T
/// − W), towards the final fraction, which is reached at t = T, after the last step, and kept. Departure from Hugging Face's schedules: no step has a
/// rate of 0 only because it is the first.
/// </remarks>
public sealed record LearningRateSchedule
{
    /// <summary>The rate at the end of the warm-up, above 0. Default 5e-6.</summary>
    public double Peak { get; init; } = 5e-6;

    /// <summary>How the rate falls. Default constant.</summary>
    public LearningRateDecay Decay { get; init; } = LearningRateDecay.Constant;

    /// <summary>W as a share of all steps, in [0, 1), rounded up. Default 0.</summary>
    public double WarmupRatio { get; init; }

    /// <summary>Where linear and cosine decay end, as a share of the peak, in [0, 1]. Default 0.</summary>
    public double FinalFraction { get; init; }

    /// <summary>The rate of step <paramref name="step"/>, counted from 0, of <paramref name="totalSteps"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public double Rate(int step, int totalSteps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNegative(totalSteps);

        // 0.07 · 100 is a little above 7 in binary: a product that close to an integer means the integer.
        double warmup = Math.Ceiling((WarmupRatio * totalSteps) - 1e-9);
        if (step < warmup) return Peak * (step + 1) / (warmup + 1);
        double progress = step >= totalSteps ? 1 : (step - warmup) / (totalSteps - warmup);
        double remaining = Decay switch
        {
            LearningRateDecay.Constant => 1,
            LearningRateDecay.Linear => FinalFraction + ((1 - FinalFraction) * (1 - progress)),
            _ => FinalFraction + ((1 - FinalFraction) * (0.5 + (0.5 * Math.Cos(Math.PI * progress)))),
        };
        return Peak * remaining;
    }
}
