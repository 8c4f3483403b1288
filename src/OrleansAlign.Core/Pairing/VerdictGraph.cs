using OrleansAlign.Core.Brackets;

namespace OrleansAlign.Core.Pairing;

/// <summary>The order of candidates by verdicts alone, the only basis of labels. Coins, ties and invalid verdicts have no part in it.</summary>
/// <remarks>
/// Two contents that met are related by those matches only, and not at all if one of them was tied, invalid or contradicts another. Two that did
/// not meet are related by a chain of verdicts, each link's loser the next link's winner; a chain is as strong as its weakest link's margin, the
/// strongest chain counts, and an equally strong chain in the other direction cancels it (Schulze's beat paths, 2011). Equal contents are one node.
/// </remarks>
public sealed class VerdictGraph
{
    private readonly IReadOnlyList<int> classes;
    private readonly Dictionary<(int, int), double> wins = [];
    private readonly HashSet<(int, int)> met = [];

    /// <summary>Reads the decided matches of a bracket.</summary>
    public VerdictGraph(Bracket bracket)
    {
        classes = bracket.Classes;
        foreach (DecidedMatch match in bracket.Decided)
        {
            if (match.Advancement == Advancement.Identical) continue;
            (int winner, int loser) = (classes[match.Winner], classes[match.Loser]);
            bool first = met.Add((winner, loser));
            met.Add((loser, winner));
            if (match.Advancement == Advancement.Verdict && (first || wins.ContainsKey((winner, loser))))
            {
                wins[(winner, loser)] = Math.Min(match.Result.Confidence, wins.GetValueOrDefault((winner, loser), double.PositiveInfinity));
            }
            else
            {
                wins.Remove((winner, loser));
                wins.Remove((loser, winner));
            }
        }
    }

    /// <summary>The margin by which <paramref name="better"/> is better than <paramref name="worse"/>, in [0, 1]; null if no verdict says
    /// so.</summary>
    public double? Margin(int better, int worse)
    {
        (int from, int to) = (classes[better], classes[worse]);
        if (from == to) return null;
        if (met.Contains((from, to))) return wins.TryGetValue((from, to), out double direct) ? direct : null;
        return Strength(from, to) is { } strength && !(Strength(to, from) >= strength) ? strength : null;
    }

    /// <summary>The widest path, found by Dijkstra's method; null if there is none.</summary>
    private double? Strength(int from, int to)
    {
        var width = new Dictionary<int, double> { [from] = double.PositiveInfinity };
        var done = new HashSet<int>();
        while (true)
        {
            int node = -1;
            foreach ((int candidate, double reach) in width)
            {
                if (!done.Contains(candidate) && (node < 0 || reach > width[node])) node = candidate;
            }

            if (node < 0) return null;
            if (node == to) return width[node];
            done.Add(node);
            foreach (((int winner, int loser), double margin) in wins)
            {
                if (winner == node) width[loser] = Math.Max(width.GetValueOrDefault(loser, -1), Math.Min(width[node], margin));
            }
        }
    }
}
