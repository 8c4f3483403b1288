namespace OrleansAlign.Models.Losses.Preferences;

/// <summary>−log σ(βh): DPO (Rafailov et al., 2305.18290, eq. 7).</summary>
/// <remarks>Self-play (SPIN, 2401.01335, eq. 4.7) is this loss with the demonstration as chosen, the opponent's response as rejected, the opponent as
/// reference, and λ as β.</remarks>
internal sealed class SigmoidLoss(double beta) : MarginLoss
{
    /// <inheritdoc/>
    public override (double Value, double Slope) OfMargin(double h) => (Logistic.NegativeLogSigmoid(beta * h), -beta * Logistic.Sigmoid(-(beta * h)));
}
