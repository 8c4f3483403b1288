namespace OrleansAlign.Core.Judging;

/// <summary>What a judge decided about one pair of responses, with all it was decided from.</summary>
/// <param name="Outcome">The decision.</param>
/// <param name="A">Support for response a: mean Ā over the principles; 0 if invalid.</param>
/// <param name="B">Support for response b: mean B̄ over the principles; 0 if invalid.</param>
/// <param name="Margin">(A − B) / (A + B), in [−1, 1], positive towards a; 0 if invalid.</param>
/// <param name="Readings">Per principle, both orders, by principle name; empty for a judge that scores.</param>
public sealed record Verdict(Outcome Outcome, double A, double B, double Margin, IReadOnlyList<PrincipleReading> Readings)
{
    /// <summary>Whether the two orders, each taken alone, name different winners.</summary>
    public bool Flipped { get; init; }

    /// <summary>Why the verdict is invalid; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>The margin towards the winner, in [0, 1]; 0 without a winner, and 0 where the majority of principles outvoted the mean.</summary>
    public double Confidence => Outcome.Confidence(Margin);

    /// <summary>The same verdict about the responses in the other order.</summary>
    public Verdict Swap() => this with { Outcome = Outcome.Swap(), A = B, B = A, Margin = -Margin, Readings = [.. Readings.Select(r => r.Swap())] };

    /// <summary>An invalid verdict with its reason.</summary>
    public static Verdict OfInvalid(string reason, IReadOnlyList<PrincipleReading>? readings = null) =>
        new(Outcome.Invalid, 0, 0, 0, readings ?? []) { Reason = reason };

    /// <summary>Equal by value, readings included.</summary>
    public bool Equals(Verdict? other) =>
        other is not null && Outcome == other.Outcome && A.Equals(other.A) && B.Equals(other.B) && Margin.Equals(other.Margin)
        && Flipped == other.Flipped && Reason == other.Reason && Readings.SequenceEqual(other.Readings);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Outcome, A, B, Readings.Count);
}
