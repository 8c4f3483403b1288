using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Shared;

/// <summary>Rotary position embedding (Su et al., 2104.09864), Hugging Face layout: element i of a head is paired with i + D/2.</summary>
/// <remarks>Angles, sines and cosines are computed in double with <see cref="DeterministicMath"/> and rounded once.</remarks>
internal sealed class RopeTable
{
    private readonly double[] frequencies;
    private float[] cosines = [];
    private float[] sines = [];
    private int positions;

    public RopeTable(ModelConfig config)
    {
        Half = config.HeadSize / 2;
        frequencies = new double[Half];
        double logBase = DeterministicMath.Log(config.RopeTheta);
        for (int i = 0; i < Half; i++) frequencies[i] = Scale(config, DeterministicMath.Exp(-logBase * (2.0 * i / config.HeadSize)));
    }

    /// <summary>D / 2.</summary>
    public int Half { get; }

    /// <summary>cos of position · frequency, [positions, D / 2].</summary>
    public float[] Cosines => cosines;

    /// <summary>sin of position · frequency, [positions, D / 2].</summary>
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
                c[(p * Half) + i] = (float)cos;
                s[(p * Half) + i] = (float)sin;
            }
        }

        (cosines, sines, positions) = (c, s, count);
    }

    private static double Scale(ModelConfig config, double frequency)
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
            default:
                return frequency;
        }
    }
}
