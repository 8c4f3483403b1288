namespace OrleansAlign.Core.Judging;

/// <summary>Turns two scores of one scale (a reward model's, a rubric's, a verifier's) into a verdict, so that judges that score play in
/// brackets too.</summary>
/// <remarks>A and B are Bradley–Terry's win probabilities σ(±(a − b)), so the margin is tanh((a − b) / 2); it serves as a confidence only.</remarks>
public static class ScoreRule
{
    /// <summary>Compares two scores; one that is not finite makes the verdict invalid.</summary>
    public static Verdict Decide(double scoreA, double scoreB)
    {
        if (!double.IsFinite(scoreA) || !double.IsFinite(scoreB))
            return Verdict.OfInvalid($"scores {scoreA} and {scoreB}: one is not a finite number");
        double difference = scoreA - scoreB;
        double a = 1 / (1 + Math.Exp(-difference)), b = 1 / (1 + Math.Exp(difference));
        Outcome outcome = difference == 0 ? Outcome.Tie : difference > 0 ? Outcome.A : Outcome.B;
        return new Verdict(outcome, a, b, (a - b) / (a + b), []);
    }

    /// <summary>Compares two ratings; an unparsable one makes the verdict invalid.</summary>
    public static Verdict Decide(Rating a, Rating b) => (a, b) switch
    {
        (Rating.Scored first, Rating.Scored second) => Decide(first.Value, second.Value),
        (Rating.Unparsable first, _) => Verdict.OfInvalid($"response a: {first.Reason}"),
        (_, Rating.Unparsable second) => Verdict.OfInvalid($"response b: {second.Reason}"),
        _ => Verdict.OfInvalid("a rating is of no known kind"),
    };
}
