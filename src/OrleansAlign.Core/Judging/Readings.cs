namespace OrleansAlign.Core.Judging;

/// <summary>The next-token probabilities of the two decision tokens after a prompt that shows the responses in one order.</summary>
/// <param name="ProbabilityA">p of the token that names the response shown first, in [0, 1].</param>
/// <param name="ProbabilityB">p of the token that names the response shown second, in [0, 1].</param>
public readonly record struct OrderReading(double ProbabilityA, double ProbabilityB)
{
    // Probabilities come from float32 logits and may overshoot one by rounding.
    private const double Slack = 1e-3;

    /// <summary>Why this cannot be a pair of probabilities; null if it can.</summary>
    public string? Problem =>
        !(ProbabilityA >= 0 && ProbabilityB >= 0) ? $"p(A) = {ProbabilityA}, p(B) = {ProbabilityB}: a probability is not a number or negative"
        : !(ProbabilityA + ProbabilityB <= 1 + Slack) ? $"p(A) = {ProbabilityA}, p(B) = {ProbabilityB}: together they exceed 1"
        : null;
}

/// <summary>One principle's judgement of responses a and b, in both orders.</summary>
/// <param name="Principle">The principle's name.</param>
/// <param name="Forward">Read after the prompt that shows (a, b): index 1 in the formulas.</param>
/// <param name="Swapped">Read after the prompt that shows (b, a): index 2; its token A names response b.</param>
/// <remarks>Source: SELF-JUDGE (2402.11253), position swapping. Exchanging the responses exchanges Ā and B̄ bit for bit, as addition
/// commutes.</remarks>
public sealed record PrincipleReading(string Principle, OrderReading Forward, OrderReading Swapped)
{
    /// <summary>Ā = (p₁(A) + p₂(B)) / 2: support for response a over both orders.</summary>
    public double A => (Forward.ProbabilityA + Swapped.ProbabilityB) / 2;

    /// <summary>B̄ = (p₁(B) + p₂(A)) / 2: support for response b over both orders.</summary>
    public double B => (Forward.ProbabilityB + Swapped.ProbabilityA) / 2;

    /// <summary>The same reading with the responses exchanged.</summary>
    public PrincipleReading Swap() => new(Principle, Swapped, Forward);
}
