namespace OrleansAlign.Models.Losses.Preferences;

/// <summary>Log-probs of a chosen and a rejected response to one prompt.</summary>
internal readonly record struct PairLogProbs(ResponseLogProbs Chosen, ResponseLogProbs Rejected)
{
    /// <summary>The same pair with chosen and rejected exchanged.</summary>
    public PairLogProbs Swapped => new(Rejected, Chosen);
}

/// <summary>Log-probs of one response.</summary>
/// <param name="PolicySum">The policy's log-probs, summed over the tokens that count.</param>
/// <param name="ReferenceSum">The reference's log-probs, summed over the same tokens; 0 where the loss needs no reference.</param>
/// <param name="Tokens">Number of tokens that count, 0 or more.</param>
/// <param name="Weight">Factor of the sums: 1, or 1 / <paramref name="Tokens"/> where log-probs are means (0 for an empty response).</param>
internal readonly record struct ResponseLogProbs(double PolicySum, double ReferenceSum, int Tokens, double Weight)
{
    /// <summary>ℓπ, the variable of the loss's slopes.</summary>
    public double Policy => Weight * PolicySum;

    /// <summary>ℓref.</summary>
    public double Reference => Weight * ReferenceSum;

    /// <summary>ℓπ − ℓref; times β it is the response's implicit reward.</summary>
    public double LogRatio => Weight * (PolicySum - ReferenceSum);
}

/// <summary>A pair's loss and its slopes.</summary>
/// <param name="Value">L.</param>
/// <param name="ChosenSlope">∂L/∂ℓπ⁺.</param>
/// <param name="RejectedSlope">∂L/∂ℓπ⁻.</param>
internal readonly record struct PairLoss(double Value, double ChosenSlope, double RejectedSlope);
