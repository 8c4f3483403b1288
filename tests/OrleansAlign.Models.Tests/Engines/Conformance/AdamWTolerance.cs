using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Models.Tests.Engines.Conformance;

/// <summary>How far float32 lets each weight be from a fixture's float64 trajectory after its T AdamW steps.</summary>
/// <remarks>
/// <para>Let u = 2⁻²⁴ be half a unit in the last place of 1.</para>
/// <para>
/// The gradient. An element is a sum over the batch's rows, and its rounding error δ is relative to the terms, not to the sum: δ = 64 u · max|g|, the
/// maximum over its tensor (engines measured: 2 to 30 u). Where the terms cancel, little but rounding is left. A key's bias is the extreme case: it adds
/// one number to all scores of a query, which softmax ignores, so that its gradient is 0 but for rotary embedding; some elements have 2·10⁻⁶ of the
/// tensor's maximum, and are known to a few percent.
/// </para>
/// <para>
/// The step. Step t moves a weight by lr · m̂/√v̂ = lr · Σ aₛgₛ / √Σ bₛgₛ², s = 1 … t, with aₛ ∝ β₁ᵗ⁻ˢ, bₛ ∝ β₂ᵗ⁻ˢ, Σa = Σb = 1: gradients of any size
/// move it as far, so that what matters is δ/|g|. The quotient's derivative by gₛ is at most (aₛ + √bₛ)/√v̂, as |m̂| ≤ √v̂ (Cauchy-Schwarz; for the usual β
/// to a percent). Σaₛ = 1, Σ√bₛ ≤ √t and √v̂ ≥ √b₁ |g₁| bound the move's error by (1 + √t)/√b₁ · δ/|g₁| of lr; and by 2 lr, since no move is longer than lr.
/// Only g₁ must be known, which the fixture has; clipping scales g₁ and δ alike, and the gradients of the T steps are taken to be of like size.
/// </para>
/// <para>The weight. Decay and subtraction round once each per step, and the fixture once: (2T + 1) u · max|w|.</para>
/// <para>An element whose gradient is exactly 0 has no terms (a token that the batch lacks), hence no error.</para>
/// </remarks>
internal sealed class AdamWTolerance(ExpectedFixture.AdamW settings)
{
    private const double HalfUnit = 1.0 / (1 << 24), GradientRoundings = 64;

    /// <summary>The allowed error of each element of a tensor.</summary>
    /// <param name="weights">The tensor after the last step.</param>
    /// <param name="gradients">Its gradient at the first step.</param>
    public double[] Of(float[] weights, float[] gradients)
    {
        double rounding = ((2 * settings.Steps) + 1) * HalfUnit * weights.Max(Math.Abs), noise = GradientRoundings * HalfUnit * gradients.Max(Math.Abs);
        return [.. gradients.Select(g => rounding + (settings.Lr * (g == 0 ? 0 : Moves(noise / Math.Abs(g)))))];
    }

    /// <summary>The largest ratio of error to allowed error in a tensor, and its index.</summary>
    public (double Excess, int At) Worst(float[] expected, float[] gradients, float[] actual)
    {
        double[] allowed = Of(expected, gradients);
        (double Excess, int At) worst = (0, 0);
        for (int i = 0; i < allowed.Length; i++)
        {
            double excess = Math.Abs((double)expected[i] - actual[i]) / allowed[i];
            if (!(excess <= worst.Excess)) worst = (excess, i);
        }

        return worst;
    }

    /// <summary>Asserts that every weight is as near as float32 allows.</summary>
    public void Check(string name, ExpectedFixture fixture, ModelWeights weights)
    {
        using SafeTensorsFile expected = fixture.Tensors("after_adamw.safetensors"), gradients = fixture.Tensors("gradients.safetensors");
        foreach (WeightTensor tensor in weights.Tensors)
        {
            float[] wanted = expected.Read(tensor.Name).Data, g = gradients.Read($"{settings.Loss}.{tensor.Name}").Data;
            (double excess, int at) = Worst(wanted, g, tensor.Data);
            Assert.True(excess <= 1, $"{name} {tensor.Name}[{at}] is {tensor.Data[at]:g9} where {wanted[at]:g9} was expected: "
                + $"off by {excess:g3} times what float32 allows, as its first gradient is {g[at]:g3}");
        }
    }

    // The summed errors of all moves, in units of lr, of an element whose gradient is off by the given share of itself.
    private double Moves(double share)
    {
        double sum = 0, beta2 = settings.Betas[1];
        for (int t = 1; t <= settings.Steps; t++)
        {
            double b1 = (1 - beta2) * Math.Pow(beta2, t - 1) / (1 - Math.Pow(beta2, t));
            sum += Math.Min(2, (1 + Math.Sqrt(t)) / Math.Sqrt(b1) * share);
        }

        return sum;
    }
}
