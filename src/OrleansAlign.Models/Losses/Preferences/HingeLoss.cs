namespace OrleansAlign.Models.Losses.Preferences;

/// <summary>max(0, 1 − βh): SLiC's hinge on the margin (Zhao et al., 2305.10425, as in Liu et al., 2309.06657).</summary>
/// <remarks>At the kink the slope is 0, as on the flat side.</remarks>
internal sealed class HingeLoss(double beta) : MarginLoss
{
    /// <inheritdoc/>
    public override (double Value, double Slope) OfMargin(double h)
    {
        double gap = 1 - (beta * h);
        return gap > 0 ? (gap, -beta) : (0, 0);
    }
}
