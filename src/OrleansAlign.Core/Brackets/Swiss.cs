using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Brackets;

/// <summary>⌈log₂ n⌉ rounds; each pairs candidates of like points that have not met.</summary>
/// <remarks>
/// A win or a bye is a point, a tie or an invalid verdict half a point to both. With an odd number the lowest without a bye so far has one. The
/// leaders (equal at the top) are paired among themselves, so that under a transitive judge the unbeaten halve in every round and the best is
/// alone at the end; rematches are avoided wherever a pairing exists that does so and lets the leaders meet (among five candidates there may be
/// none in the last round). A round begins when the one before is over. Standing: points, then the sum of the opponents' points (Buchholz).
/// </remarks>
internal static class Swiss
{
    // Bounds the search for a pairing without rematches; with so few rounds it ends after some n steps in practice.
    private const int SearchBudget = 20_000;

    /// <summary>Replays the bracket.</summary>
    /// <returns>Candidates by standing, best first, equals together; null while undecided.</returns>
    public static IReadOnlyList<IReadOnlyList<int>>? Play(MatchTable table)
    {
        int n = table.Candidates;
        int[] halfPoints = new int[n];
        bool[] hadBye = new bool[n];
        var met = new HashSet<(int, int)>();
        for (int round = 1; round <= BracketFormats.Rounds(n); round++)
        {
            int[] draw = CounterRandom.Permutation(CounterRandom.Derive(table.Seed, $"draw Swiss {round}"), n);
            List<int> order = [.. draw.OrderByDescending(i => halfPoints[i])];
            if (n % 2 == 1)
            {
                int bye = order.FindLastIndex(i => !hadBye[i]);
                int resting = order[bye];
                order.RemoveAt(bye);
                hadBye[resting] = true;
                halfPoints[resting] += 2;
            }

            bool over = true;
            int slot = 0;
            foreach ((int a, int b) in Pair(order, halfPoints, met))
            {
                DecidedMatch? match = table.Meet(BracketPart.Main, round, slot++, a, b);
                if (match is null)
                {
                    over = false;
                    continue;
                }

                match.AddHalfPoints(halfPoints);
                met.Add((a, b));
                met.Add((b, a));
            }

            if (!over) return null;
        }

        int[] buchholz = new int[n];
        foreach (DecidedMatch match in table.Decided)
        {
            buchholz[match.Match.A] += halfPoints[match.Match.B];
            buchholz[match.Match.B] += halfPoints[match.Match.A];
        }

        return [.. Enumerable.Range(0, n).GroupBy(i => (halfPoints[i], buchholz[i])).OrderByDescending(g => g.Key).Select(g => (int[])[.. g])];
    }

    private static List<(int A, int B)> Pair(List<int> order, int[] halfPoints, HashSet<(int, int)> met)
    {
        int leaders = order.TakeWhile(i => halfPoints[i] == halfPoints[order[0]]).Count();
        var pairs = new List<(int, int)>();
        // Pairing the leaders with each other comes first: it leaves the best alone at the top. Avoiding rematches comes second.
        foreach ((int floating, bool rematches) in new[] { (leaders % 2, false), (leaders % 2, true), (leaders, false) })
        {
            int budget = SearchBudget;
            if (Search(order, leaders, floating, rematches, met, pairs, ref budget)) return pairs;
            pairs.Clear();
        }

        for (int i = 0; i + 1 < order.Count; i += 2) pairs.Add((order[i], order[i + 1]));
        return pairs;
    }

    /// <summary>Pairs the first candidate with the nearest one that it has not met, then the rest likewise; backtracks from a dead end.</summary>
    /// <param name="rest">Candidates without a partner, best first.</param>
    /// <param name="leaders">How many of them lead.</param>
    /// <param name="floating">How many leaders may meet a candidate below them.</param>
    /// <param name="rematches">Whether candidates below the leaders may meet again.</param>
    /// <param name="met">Pairs that have met, in both orders.</param>
    /// <param name="pairs">Receives the pairs.</param>
    /// <param name="budget">Steps left.</param>
    private static bool Search(
        List<int> rest, int leaders, int floating, bool rematches, HashSet<(int, int)> met, List<(int, int)> pairs, ref int budget)
    {
        if (rest.Count < 2) return true;
        for (int i = 1; i < rest.Count; i++)
        {
            bool floats = leaders > 0 && i >= leaders;
            if ((floats && floating == 0) || (met.Contains((rest[0], rest[i])) && !(rematches && leaders == 0))) continue;
            if (--budget < 0) return false;
            pairs.Add((rest[0], rest[i]));
            List<int> remaining = [.. rest.Skip(1).Where((_, k) => k != i - 1)];
            int left = Math.Max(0, leaders - (floats ? 1 : 2));
            if (Search(remaining, left, floating - (floats ? 1 : 0), rematches, met, pairs, ref budget)) return true;
            pairs.RemoveAt(pairs.Count - 1);
        }

        return false;
    }
}
