namespace OrleansAlign.Models.Losses.Preferences;

/// <summary>(h − 1/(2β))²: IPO (Azar et al., 2310.12036, eq. 17), whose optimum is a finite margin.</summary>
internal sealed class IpoLoss(double beta) : MarginLoss
{
    /// <inheritdoc/>
    public override (double Value, double Slope) OfMargin(double h)
    {
        double distance = h - (1 / (2 * beta));
        return (distance * distance, 2 * distance);
    }
}
