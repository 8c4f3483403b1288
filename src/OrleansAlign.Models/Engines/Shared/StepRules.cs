namespace OrleansAlign.Models.Engines.Shared;

/// <summary>Rules of an optimizer step that all engines share.</summary>
internal static class StepRules
{
    /// <summary>The factor by which the gradient is multiplied, so that its global norm is at most <see cref="StepOptions.ClipNorm"/>.</summary>
    public static float ClipScale(StepOptions options, double norm) =>
        options.ClipNorm > 0 && norm > options.ClipNorm ? (float)(options.ClipNorm / (norm + 1e-6)) : 1f;

    /// <summary>The error of a step whose loss or gradient is not finite.</summary>
    /// <param name="step">The step, from 1.</param>
    /// <param name="what">Names the loss or gradient that is not finite, with its value.</param>
    public static ArithmeticException NotFinite(int step, string what) =>
        new($"step {step}: {what}; the weights are unchanged. Lower the learning rate or look at the batch.");
}
