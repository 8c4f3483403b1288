using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Shared;

/// <summary>Rotary position embedding (Su et al., 2104.09864), Hugging Face layout: element i of a head is paired with i + D/2.</summary>
/// <remarks>
/// Angles, sines and cosines are computed in double with <see cref="DeterministicMath"/> and rounded once. Departure from transformers: dynamic and
/// longrope scaling follow the model's context, not each sequence's length, since a token's key must not depend on tokens that come later.
/// </remarks>
internal sealed class RopeTable
{
    private readonly double[] frequencies;
    private readonly double factor;
    private float[] cosines = [];
    private float[] sines = [];
    private int positions;

    public RopeTable(ModelConfig config)
    {
        Half = config.HeadSize / 2;
        frequencies = new double[Half];
        factor = config.RopeAttentionFactor;
        double logBase = LogBase(config);
        for (int i = 0; i < Half; i++) frequencies[i] = Scale(config, i, DeterministicMath.Exp(-logBase * (2.0 * i / config.HeadSize)));
    }

    /// <summary>D / 2.</summary>
    public int Half { get; }

    /// <summary>cos of position · frequency, times the attention factor, [positions, D / 2].</summary>
    public float[] Cosines => cosines;

    /// <summary>sin of position · frequency, times the attention factor, [positions, D / 2].</summary>
    public float[] Sines => sines;

    /// <summary>Extends the tables to at least <paramref name="count"/> positions.</summary>
    public void Ensure(int count)
    {
        if (count <= positions) return;
        count = Math.Max(count, Math.Max(64, positions * 2));
        float[] c = new float[count * Half], s = new float[count * Half];
        cosines.CopyTo(c, 0);
        sines.CopyTo(s, 0);
        for (int p = positions; p < count; p++)
        {
            for (int i = 0; i < Half; i++)
            {
                (double sin, double cos) = DeterministicMath.SinCos(p * frequencies[i]);
                c[(p * Half) + i] = (float)(cos * factor);
                s[(p * Half) + i] = (float)(sin * factor);
            }
        }

        (cosines, sines, positions) = (c, s, count);
    }

    // The base of dynamic NTK scaling grows with the context relative to the original one (the rule of transformers, at the longest sequence).
    private static double LogBase(ModelConfig config)
    {
        double log = DeterministicMath.Log(config.RopeTheta), factor = config.RopeFactor;
        if (config.RopeScaling != RopeScaling.Dynamic || config.HeadSize == 2) return log;
        double growth = (factor * Math.Max(config.ContextLength, config.RopeOriginalContext) / config.RopeOriginalContext) - (factor - 1);
        return log + (DeterministicMath.Log(growth) * config.HeadSize / (config.HeadSize - 2));
    }

    private static double Scale(ModelConfig config, int index, double frequency)
    {
        switch (config.RopeScaling)
        {
            case RopeScaling.Linear:
                return frequency / config.RopeFactor;
            case RopeScaling.Llama3:
                double low = config.RopeLowFrequencyFactor, high = config.RopeHighFrequencyFactor;
                double turns = config.RopeOriginalContext * frequency / (2 * Math.PI);
                if (turns < low) return frequency / config.RopeFactor;
                if (turns > high) return frequency;
                double smooth = (turns - low) / (high - low);
                return ((1 - smooth) * frequency / config.RopeFactor) + (smooth * frequency);
            case RopeScaling.Yarn:
                double divided = YarnRamp(config, index);
                return (divided * frequency / config.RopeFactor) + ((1 - divided) * frequency);
            case RopeScaling.LongRope:
                return frequency / (config.ContextLength > config.RopeOriginalContext ? config.RopeLongFactors : config.RopeShortFactors)[index];
            default:
                return frequency;
        }
    }

    // YaRN's ramp γ over the indices of frequencies: 0 where they are kept, 1 where they are divided (2309.00071, section 3.2).
    private static double YarnRamp(ModelConfig config, int index)
    {
        double logBase = DeterministicMath.Log(config.RopeTheta);
        double IndexOf(double turns) =>
            config.HeadSize * DeterministicMath.Log(config.RopeOriginalContext / (turns * 2 * Math.PI)) / (2 * logBase);
        double low = IndexOf(config.RopeBetaFast), high = IndexOf(config.RopeBetaSlow);
        if (config.RopeTruncates) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, config.HeadSize - 1));
        if (low == high) high += 0.001;
        return Math.Clamp((index - low) / (high - low), 0, 1);
    }
}
