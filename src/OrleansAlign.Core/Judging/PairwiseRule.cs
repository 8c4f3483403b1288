namespace OrleansAlign.Core.Judging;

/// <summary>Turns next-token readings into a verdict.</summary>
/// <remarks>
/// Source: SELF-JUDGE (2402.11253). Departures: Ā = B̄ is a tie, not a win of the second response; a principle with Ā = B̄ votes for
/// neither side; readings that are not probabilities, or that give the decision tokens almost no mass, make the verdict invalid.
/// Sums run over sorted values, so that the order of principles changes no bit.
/// </remarks>
public sealed record PairwiseRule
{
    /// <summary>A winner whose margin is below this is a tie. In [0, 1]; default 0.</summary>
    public double MarginForTie { get; init; }

    /// <summary>Below this mean Ā + B̄ the judge is not answering A or B, and the verdict is invalid. In [0, 1); default 1e-4.</summary>
    public double MinimumMass { get; init; } = 1e-4;

    /// <summary>What is wrong with these options; empty if nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(MarginForTie is >= 0 and <= 1)) yield return $"margin-for-tie is {MarginForTie}; it must be from 0 to 1";
        if (!(MinimumMass is >= 0 and < 1)) yield return $"minimum-mass is {MinimumMass}; it must be 0 or more and below 1";
    }

    /// <summary>The rule as part of a judge's id, under which its verdicts are recorded: the same text always means the same decisions.</summary>
    public override string ToString() =>
        $"{nameof(PairwiseRule)} {{ MarginForTie = {MarginForTie}, MinimumMass = {MinimumMass}, Combination = MajorityThenMean }}";

    /// <summary>Decides one pair from its readings, one per principle, in any order.</summary>
    public Verdict Decide(IReadOnlyList<PrincipleReading> readings)
    {
        PrincipleReading[] sorted = [.. readings.OrderBy(r => r.Principle, StringComparer.Ordinal)];
        if (sorted.Length == 0) return Verdict.OfInvalid("no principle was read");
        foreach (PrincipleReading reading in sorted)
        {
            if ((reading.Forward.Problem ?? reading.Swapped.Problem) is { } problem)
                return Verdict.OfInvalid($"principle '{reading.Principle}': {problem}", sorted);
        }

        double[] a = [.. sorted.Select(r => r.A)], b = [.. sorted.Select(r => r.B)];
        double meanA = Mean(a), meanB = Mean(b), mass = meanA + meanB;
        if (!(mass > 0 && mass >= MinimumMass))
            return Verdict.OfInvalid($"the decision tokens got a mass of {mass}, less than {MinimumMass}: the judge is not answering A or B", sorted);

        double margin = (meanA - meanB) / mass;
        Outcome outcome = Winner(a, b);
        var verdict = new Verdict(outcome, meanA, meanB, margin, sorted) { Flipped = FlipsOnSwap(sorted) };
        return outcome.IsDecided() && verdict.Confidence < MarginForTie ? verdict with { Outcome = Outcome.Tie } : verdict;
    }

    private static Outcome Winner(double[] a, double[] b)
    {
        int balance = 0;
        for (int i = 0; i < a.Length; i++) balance += a[i].CompareTo(b[i]);
        if (balance != 0) return balance > 0 ? Outcome.A : Outcome.B;
        double meanA = Mean(a), meanB = Mean(b);
        return meanA > meanB ? Outcome.A : meanB > meanA ? Outcome.B : Outcome.Tie;
    }

    private static bool FlipsOnSwap(PrincipleReading[] readings)
    {
        Outcome forward = Winner([.. readings.Select(r => r.Forward.ProbabilityA)], [.. readings.Select(r => r.Forward.ProbabilityB)]);
        Outcome swapped = Winner([.. readings.Select(r => r.Swapped.ProbabilityB)], [.. readings.Select(r => r.Swapped.ProbabilityA)]);
        return forward.IsDecided() && swapped.IsDecided() && forward != swapped;
    }

    private static double Mean(double[] values) => values.Order().Sum() / values.Length;
}
