using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>AdamW (Loshchilov and Hutter, 1711.05101) by the managed engine's rules, in the same order, in float32.</summary>
/// <remarks>w ← w (1 − lr · decay); m ← m + (1 − β₁)(g − m); v ← β₂ v + (1 − β₂) g²; w ← w − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε).</remarks>
internal sealed class AdamW(StepOptions options, int step, float gradientScale)
{
    private readonly float oneLessBeta1 = 1 - (float)options.Beta1, beta2 = (float)options.Beta2, oneLessBeta2 = 1 - (float)options.Beta2;
    private readonly float stepSize = (float)(options.LearningRate / (1 - DeterministicMath.Power(options.Beta1, step)));
    private readonly float rootCorrection = (float)Math.Sqrt(1 - DeterministicMath.Power(options.Beta2, step));

    /// <summary>Updates one tensor's float32 weights and moments. Its gradient is scaled in place.</summary>
    public void Update(ParameterTensor parameter)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor g = parameter.Gradient!, m = parameter.First!, v = parameter.Second!, w = parameter.Master;
        if (gradientScale != 1) g.Scale(gradientScale);
        m.Increase(g.sub(m), oneLessBeta1);
        v.Scale(beta2).IncreaseByProduct(g, g, oneLessBeta2);
        Tensor divisor = v.sqrt().Divide(rootCorrection).Increase((float)options.Epsilon);
        if (parameter.IsMatrix) w.Scale((float)(1 - (options.LearningRate * options.WeightDecay)));
        w.IncreaseByQuotient(m, divisor, -stepSize);
    }
}
