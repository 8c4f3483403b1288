using OrleansAlign.Core.Judging;

namespace OrleansAlign.Core.Brackets;

/// <summary>Every pair meets once, all at the same time.</summary>
/// <remarks>
/// Standing: points (a win one, a tie or an invalid verdict half to both), then the sum of signed margins over the decided matches. Where all
/// have met all, points are the sufficient statistic of Bradley and Terry's model (1952) and rank exactly as its fitted strengths do.
/// </remarks>
internal static class RoundRobin
{
    /// <summary>Replays the bracket.</summary>
    /// <returns>Candidates by standing, best first, equals together; null while undecided.</returns>
    public static IReadOnlyList<IReadOnlyList<int>>? Play(MatchTable table)
    {
        int n = table.Candidates, slot = 0;
        int[] halfPoints = new int[n];
        double[] margins = new double[n];
        bool over = true;
        for (int a = 0; a < n; a++)
        {
            for (int b = a + 1; b < n; b++)
            {
                DecidedMatch? match = table.Meet(BracketPart.Main, 1, slot++, a, b);
                if (match is null)
                {
                    over = false;
                    continue;
                }

                match.AddHalfPoints(halfPoints);
                if (!match.Result.Outcome.IsDecided()) continue;
                margins[a] += match.Result.Margin;
                margins[b] -= match.Result.Margin;
            }
        }

        if (!over) return null;
        // Sums of equal margins in another order differ by rounding, which must not separate candidates.
        IEnumerable<IGrouping<(int, double), int>> tiers = Enumerable.Range(0, n).GroupBy(i => (halfPoints[i], Math.Round(margins[i], 9)));
        return [.. tiers.OrderByDescending(t => t.Key).Select(t => (int[])[.. t])];
    }
}
