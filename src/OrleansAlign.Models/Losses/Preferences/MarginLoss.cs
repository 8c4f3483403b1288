namespace OrleansAlign.Models.Losses.Preferences;

/// <summary>A preference loss as a pure function of the margin h = (ℓπ⁺ − ℓref⁺) − (ℓπ⁻ − ℓref⁻).</summary>
/// <remarks>
/// The batch's loss is the mean of its pairs' values. <see cref="PreferenceLoss"/> does sums or means, label smoothing, the SFT term and the metrics.
/// </remarks>
internal abstract class MarginLoss
{
    /// <summary>The loss at margin <paramref name="h"/> and its slope ∂L/∂h.</summary>
    public abstract (double Value, double Slope) OfMargin(double h);

    /// <summary>The loss that valid options name.</summary>
    public static MarginLoss Of(PreferenceLossOptions options) => options.Kind switch
    {
        PreferenceLossKind.Hinge => new HingeLoss(options.Beta),
        PreferenceLossKind.Ipo => new IpoLoss(options.Beta),
        _ => new SigmoidLoss(options.Beta),
    };
}
