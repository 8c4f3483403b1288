using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Brackets;

/// <summary>Single elimination, with or without a losers' bracket played downward.</summary>
/// <remarks>
/// Each round shuffles places, not the candidates on them: seed and count fix the whole tree, and a match can start as soon as its two sides are
/// known. With an odd number the first place has a bye; then neighbours meet. The losers' bracket is the same among the ⌊n/2⌋ losers of round
/// one, except that the loser of a match advances: the last candidate left is the worst. Matches: n − 1, and ⌊n/2⌋ − 1 more if n ≥ 4. A candidate
/// that had a bye in round one cannot come last.
/// </remarks>
internal static class Knockout
{
    /// <summary>Replays the bracket.</summary>
    /// <returns>Candidates by standing, best first, equals together; null while undecided.</returns>
    public static IReadOnlyList<IReadOnlyList<int>>? Play(MatchTable table, bool losersBracket)
    {
        int?[] everyone = [.. Enumerable.Range(0, table.Candidates).Select(i => (int?)i)];
        List<int?[]> leaving = Rounds(table, BracketPart.Main, everyone, out int? winner);
        var tiers = new List<int?[]> { new[] { winner } };
        for (int round = leaving.Count - 1; round >= 1; round--) tiers.Add(leaving[round]);
        if (leaving.Count > 0)
        {
            if (losersBracket)
            {
                tiers.AddRange(Rounds(table, BracketPart.Losers, leaving[0], out int? last));
                tiers.Add([last]);
            }
            else
            {
                tiers.Add(leaving[0]);
            }
        }

        if (tiers.Any(t => t.Contains(null))) return null;
        return [.. tiers.Select(t => (int[])[.. t.Select(i => i!.Value).Order()])];
    }

    /// <summary>Plays until one candidate is left. Winners advance in the main part, losers in the losers' part.</summary>
    /// <returns>The candidates eliminated in each round; null where the match is undecided.</returns>
    private static List<int?[]> Rounds(MatchTable table, BracketPart part, int?[] alive, out int? left)
    {
        var leaving = new List<int?[]>();
        for (int round = 1; alive.Length > 1; round++)
        {
            int[] places = CounterRandom.Permutation(CounterRandom.Derive(table.Seed, $"draw {part} {round}"), alive.Length);
            int byes = alive.Length % 2, matches = alive.Length / 2;
            int?[] staying = new int?[byes + matches], gone = new int?[matches];
            if (byes == 1) staying[0] = alive[places[0]];
            for (int slot = 0; slot < matches; slot++)
            {
                int first = byes + (2 * slot);
                DecidedMatch? match = table.Meet(part, round, slot, alive[places[first]], alive[places[first + 1]]);
                (staying[byes + slot], gone[slot]) = part == BracketPart.Main ? (match?.Winner, match?.Loser) : (match?.Loser, match?.Winner);
            }

            leaving.Add(gone);
            alive = staying;
        }

        left = alive[0];
        return leaving;
    }
}
