using System.Runtime.CompilerServices;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>AdamW (Loshchilov and Hutter, 1711.05101) in PyTorch's order of operations, float32.</summary>
/// <remarks>w ← w (1 − lr · decay); m ← m + (1 − β₁)(g − m); v ← β₂ v + (1 − β₂) g²; w ← w − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε).</remarks>
internal static unsafe class AdamW<V>
    where V : struct, ISimd<V>
{
    /// <summary>The factors of one step.</summary>
    public readonly record struct Factors(float Scale, float Beta1, float Beta2, float StepSize, float RootCorrection, float Epsilon, float Keep)
    {
        /// <summary>The factors of step <paramref name="step"/> (from 1), for tensors with or without decay.</summary>
        public static Factors Of(StepOptions options, int step, float gradientScale, bool decays)
        {
            double correction1 = 1 - DeterministicMath.Power(options.Beta1, step), correction2 = 1 - DeterministicMath.Power(options.Beta2, step);
            return new Factors(
                gradientScale, (float)options.Beta1, (float)options.Beta2,
                (float)(options.LearningRate / correction1), (float)Math.Sqrt(correction2), (float)options.Epsilon,
                (float)(decays ? 1 - (options.LearningRate * options.WeightDecay) : 1));
        }
    }

    /// <summary>Updates <paramref name="length"/> weights, a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Update(float* w, float* g, float* m, float* v, long length, Factors factors)
    {
        V scale = V.Create(factors.Scale), one1 = V.Create(1 - factors.Beta1), beta2 = V.Create(factors.Beta2), one2 = V.Create(1 - factors.Beta2);
        V step = V.Create(factors.StepSize), root = V.Create(factors.RootCorrection), epsilon = V.Create(factors.Epsilon), keep = V.Create(factors.Keep);
        for (long i = 0; i < length; i += V.Count)
        {
            V gradient = V.Load(g + i) * scale, first = V.Load(m + i), second = V.Load(v + i);
            first = V.Fma(one1, gradient - first, first);
            second = V.Fma(one2 * gradient, gradient, beta2 * second);
            V.Store(first, m + i);
            V.Store(second, v + i);
            V.Store((V.Load(w + i) * keep) - (step * (first / ((V.Sqrt(second) / root) + epsilon))), w + i);
        }
    }
}
