namespace OrleansAlign.Core.Judging;

/// <summary>Turns two scores of one scale (a reward model's, a rubric's, a verifier's) into a verdict, so that judges that score play in
/// brackets too.</summary>
/// <remarks>A and B are Bradley–Terry's win probabilities σ(±(a − b)), so the margin is tanh((a − b) / 2); it serves as a confidence only.</remarks>
public sealed record ScoreRule
{
    /// <summary>Scores no further apart than this are a tie. At least 0; default 0.</summary>
    public double DifferenceForTie { get; init; }

    /// <summary>What is wrong with these options; empty if nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(DifferenceForTie >= 0) || double.IsInfinity(DifferenceForTie))
            yield return $"difference-for-tie is {DifferenceForTie}; it must be 0 or more and finite";
    }

    /// <summary>Compares two scores; one that is not finite makes the verdict invalid.</summary>
    public Verdict Decide(double scoreA, double scoreB)
    {
        if (!double.IsFinite(scoreA) || !double.IsFinite(scoreB))
            return Verdict.OfInvalid($"scores {scoreA} and {scoreB}: one is not a finite number");
        double difference = scoreA - scoreB;
        double a = 1 / (1 + Math.Exp(-difference)), b = 1 / (1 + Math.Exp(difference));
        Outcome outcome = Math.Abs(difference) <= DifferenceForTie ? Outcome.Tie : difference > 0 ? Outcome.A : Outcome.B;
        return new Verdict(outcome, a, b, (a - b) / (a + b), []);
    }

    /// <summary>Compares two ratings; an unparsable one makes the verdict invalid.</summary>
    public Verdict Decide(Rating a, Rating b) => (a, b) switch
    {
        (Rating.Scored first, Rating.Scored second) => Decide(first.Value, second.Value),
        (Rating.Unparsable first, _) => Verdict.OfInvalid($"response a: {first.Reason}"),
        (_, Rating.Unparsable second) => Verdict.OfInvalid($"response b: {second.Reason}"),
        _ => Verdict.OfInvalid("a rating is of no known kind"),
    };
}
