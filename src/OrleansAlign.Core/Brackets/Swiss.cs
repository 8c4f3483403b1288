using OrleansAlign.Core.Judging;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Brackets;

/// <summary>⌈log₂ n⌉ rounds; each pairs candidates of like points that have not met.</summary>
/// <remarks>
/// A win or a bye is a point, a tie or an invalid verdict half a point to both. With an odd number the lowest without a bye so far has one. The
/// leaders (equal at the top) are paired among themselves first, so that under a transitive judge the unbeaten halve in every round and the best
/// is alone at the end; the others avoid rematches wherever a pairing without them exists. A round begins when the one before is over.
/// Standing: points, then the sum of the opponents' points (Buchholz).
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

                bool decided = match.Result.Outcome.IsDecided();
                halfPoints[match.Winner] += decided ? 2 : 1;
                halfPoints[match.Loser] += decided ? 0 : 1;
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
        var pairs = new List<(int, int)>();
        if (order.Count == 0) return pairs;
        List<int> leaders = [.. order.TakeWhile(i => halfPoints[i] == halfPoints[order[0]])];
        List<int> others = [.. order.Skip(leaders.Count)];
        var floating = new List<int>();
        while (leaders.Count > 0)
        {
            int first = leaders[0];
            int partner = leaders.FindIndex(1, i => !met.Contains((first, i)));
            if (partner < 0)
            {
                floating.Add(first);
            }
            else
            {
                pairs.Add((first, leaders[partner]));
                leaders.RemoveAt(partner);
            }

            leaders.RemoveAt(0);
        }

        List<int> rest = [.. floating, .. others];
        var tail = new List<(int, int)>();
        int budget = SearchBudget;
        if (!Search(rest, met, tail, ref budget))
        {
            tail.Clear();
            for (int i = 0; i + 1 < rest.Count; i += 2) tail.Add((rest[i], rest[i + 1]));
        }

        pairs.AddRange(tail);
        return pairs;
    }

    /// <summary>Pairs the first with the nearest it has not met, then the rest likewise, going back where that leads nowhere.</summary>
    private static bool Search(List<int> rest, HashSet<(int, int)> met, List<(int, int)> pairs, ref int budget)
    {
        if (rest.Count < 2) return true;
        for (int i = 1; i < rest.Count; i++)
        {
            if (met.Contains((rest[0], rest[i]))) continue;
            if (--budget < 0) return false;
            pairs.Add((rest[0], rest[i]));
            List<int> remaining = [.. rest.Skip(1).Where((_, k) => k != i - 1)];
            if (Search(remaining, met, pairs, ref budget)) return true;
            pairs.RemoveAt(pairs.Count - 1);
        }

        return false;
    }
}
