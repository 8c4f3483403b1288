using OrleansAlign.Models.Losses.Preferences;

namespace OrleansAlign.Models.Losses;

/// <summary>The preference losses, named as in a recipe. Each is a type in <c>Preferences/</c>, found by this name in one table.</summary>
public enum PreferenceLossKind
{
    /// <summary>DPO: −log σ(βh).</summary>
    Sigmoid,

    /// <summary>SLiC's hinge: max(0, 1 − βh).</summary>
    Hinge,

    /// <summary>IPO: (h − 1/(2β))².</summary>
    Ipo,
}

/// <summary>A preference loss's settings.</summary>
public sealed record PreferenceLossOptions : IChecked
{
    /// <summary>Which loss. Default sigmoid.</summary>
    public PreferenceLossKind Kind { get; init; } = PreferenceLossKind.Sigmoid;

    /// <summary>β, above 0: strength of the tie to the reference. Default 0.1.</summary>
    public double Beta { get; init; } = 0.1;

    /// <summary>ε in [0, ½): the assumed share of wrong labels; a pair's loss is (1 − ε)·L(pair) + ε·L(pair with chosen and rejected exchanged), for every
    /// kind (cDPO, Mitchell 2023). Default 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>α ≥ 0: adds α times the chosen response's mean negative log-prob per token, pair by pair (Pang et al., 2404.19733, eq. 2). Default 0
    /// (off).</summary>
    public double SftWeight { get; init; }

    /// <summary>Whether ℓ is a mean over the response's tokens, for policy and reference alike, instead of their sum. Default false, as in
    /// DPO.</summary>
    public bool AverageLogProbs { get; init; }

    /// <summary>Whether the loss compares the policy with a reference, so that the reference's log-probs must be computed.</summary>
    /// <exception cref="KeyNotFoundException">There is no loss of this kind; <see cref="Problems"/> reports it.</exception>
    public bool NeedsReference => PreferenceLossTable.Create(this).NeedsReference;

    /// <inheritdoc/>
    public IEnumerable<string> Problems()
    {
        if (!PreferenceLossTable.Has(Kind)) yield return $"kind is {Kind}; it must be one of {string.Join(", ", Enum.GetNames<PreferenceLossKind>())}";
        if (!(Beta > 0) || double.IsInfinity(Beta)) yield return $"beta is {Beta}; it must be a number above 0";
        if (!(LabelSmoothing >= 0 && LabelSmoothing < 0.5)) yield return $"label-smoothing is {LabelSmoothing}; it must be 0 or more and below 0.5";
        if (!(SftWeight >= 0) || double.IsInfinity(SftWeight)) yield return $"sft-weight is {SftWeight}; it must be 0 or more";
    }
}

/// <summary>The reference's log-probs of one pair, each the sum over the response's tokens that count.</summary>
/// <param name="Chosen">log π_ref(chosen | prompt).</param>
/// <param name="Rejected">log π_ref(rejected | prompt).</param>
public readonly record struct ReferenceLogProbs(double Chosen, double Rejected);
