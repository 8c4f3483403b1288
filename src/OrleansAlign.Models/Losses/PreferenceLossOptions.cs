namespace OrleansAlign.Models.Losses;

/// <summary>How the implicit reward margin becomes a loss.</summary>
public enum PreferenceLossKind
{
    /// <summary>−log σ(βh): DPO (Rafailov et al., 2305.18290, eq. 7).</summary>
    Sigmoid,

    /// <summary>max(0, 1 − βh): SLiC's hinge on the margin (Zhao et al., 2305.10425, as in Liu et al., 2309.06657).</summary>
    Hinge,

    /// <summary>(h − 1/(2β))²: IPO (Azar et al., 2310.12036, eq. 17), which has a finite margin as its goal.</summary>
    Ipo,
}

/// <summary>A preference loss's settings.</summary>
public sealed record PreferenceLossOptions
{
    /// <summary>How the margin becomes a loss. Default sigmoid.</summary>
    public PreferenceLossKind Kind { get; init; } = PreferenceLossKind.Sigmoid;

    /// <summary>β, above 0: strength of the tie to the reference. Default 0.1.</summary>
    public double Beta { get; init; } = 0.1;

    /// <summary>ε in [0, ½): the assumed share of wrong labels; the loss is (1 − ε)·L(h) + ε·L(−h), for every kind (cDPO, Mitchell 2023). Default
    /// 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>α ≥ 0: adds α times the chosen response's mean negative log-prob per token, pair by pair (Pang et al., 2404.19733, eq. 2). Default 0
    /// (off).</summary>
    public double SftWeight { get; init; }

    /// <summary>Whether ℓ is a mean over the response's tokens, for policy and reference alike, instead of their sum. Default false, as in
    /// DPO.</summary>
    public bool AverageLogProbs { get; init; }

    /// <summary>What is wrong with these options: value, rule and key. Empty if nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (!Enum.IsDefined(Kind)) yield return $"kind is {Kind}; it must be sigmoid, hinge or ipo";
        if (!(Beta > 0) || double.IsInfinity(Beta)) yield return $"beta is {Beta}; it must be a number above 0";
        if (!(LabelSmoothing >= 0 && LabelSmoothing < 0.5)) yield return $"label-smoothing is {LabelSmoothing}; it must be 0 or more and below 0.5";
        if (!(SftWeight >= 0) || double.IsInfinity(SftWeight)) yield return $"sft-weight is {SftWeight}; it must be 0 or more";
    }
}

/// <summary>The reference's log-probs of one pair, each the sum over the response's tokens that count.</summary>
/// <param name="Chosen">log π_ref(chosen | prompt).</param>
/// <param name="Rejected">log π_ref(rejected | prompt).</param>
public readonly record struct ReferenceLogProbs(double Chosen, double Rejected);
