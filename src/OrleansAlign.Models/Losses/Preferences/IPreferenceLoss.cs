namespace OrleansAlign.Models.Losses.Preferences;

/// <summary>A preference loss as a pure function of a batch's log-probs: a value for each pair, and its slopes.</summary>
/// <remarks>
/// The batch's loss is the mean of the values. <see cref="PreferenceLoss"/> does sums or means, label smoothing, the SFT term and the metrics. A loss of
/// single pairs derives from <see cref="PairwiseLoss"/>; only a loss that compares pairs with each other implements this interface itself.
/// </remarks>
internal interface IPreferenceLoss
{
    /// <summary>Whether <see cref="ResponseLogProbs.Reference"/> or <see cref="ResponseLogProbs.LogRatio"/> is read. False: no reference log-prob is
    /// computed, and both properties take it as 0.</summary>
    bool NeedsReference { get; }

    /// <summary>Values and slopes of all pairs of a batch.</summary>
    /// <param name="pairs">The log-probs.</param>
    /// <param name="losses">Same length. The slopes of pair p: derivatives of the sum of all values with respect to pair p's log-probs.</param>
    void Evaluate(ReadOnlySpan<PairLogProbs> pairs, Span<PairLoss> losses);
}

/// <summary>A loss of which each pair's value depends on that pair alone.</summary>
internal abstract class PairwiseLoss : IPreferenceLoss
{
    /// <inheritdoc/>
    public virtual bool NeedsReference => true;

    /// <summary>Value and slopes of one pair.</summary>
    public abstract PairLoss Of(PairLogProbs pair);

    /// <inheritdoc/>
    public void Evaluate(ReadOnlySpan<PairLogProbs> pairs, Span<PairLoss> losses)
    {
        for (int p = 0; p < pairs.Length; p++) losses[p] = Of(pairs[p]);
    }
}

/// <summary>A loss of the margin h = (ℓπ⁺ − ℓref⁺) − (ℓπ⁻ − ℓref⁻) alone.</summary>
internal abstract class MarginLoss : PairwiseLoss
{
    /// <summary>The loss at margin <paramref name="h"/> and its slope ∂L/∂h.</summary>
    public abstract (double Value, double Slope) OfMargin(double h);

    /// <inheritdoc/>
    public sealed override PairLoss Of(PairLogProbs pair)
    {
        (double value, double slope) = OfMargin(pair.Chosen.LogRatio - pair.Rejected.LogRatio);
        return new PairLoss(value, slope, -slope);
    }
}
