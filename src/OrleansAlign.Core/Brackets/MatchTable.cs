using System.Collections.Immutable;
using OrleansAlign.Core.Judging;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Brackets;

/// <summary>The matches of a bracket under replay: each match that the format arranges becomes pending or, if its result is known, decided.</summary>
internal sealed class MatchTable(int candidates, ulong seed, IReadOnlyList<int> classes, ImmutableSortedDictionary<string, MatchResult> results)
{
    private readonly List<Match> pending = [];
    private readonly List<DecidedMatch> decided = [];

    public int Candidates => candidates;

    public ulong Seed => seed;

    public IReadOnlyList<Match> Pending => pending;

    public IReadOnlyList<DecidedMatch> Decided => decided;

    /// <summary>Adds the match of two sides.</summary>
    /// <returns>The decided match; null while a side or the result is not known.</returns>
    public DecidedMatch? Meet(BracketPart part, int round, int slot, int? a, int? b)
    {
        if (a is not { } sideA || b is not { } sideB) return null;
        var match = new Match($"{(part == BracketPart.Main ? "main" : "losers")}-{round}-{slot}", part, round, slot, sideA, sideB);
        bool identical = classes[sideA] == classes[sideB];
        if (!results.TryGetValue(match.Id, out MatchResult result) && !identical)
        {
            pending.Add(match);
            return null;
        }

        if (identical) result = new MatchResult(Outcome.Tie, 0);
        int winner = result.Outcome switch
        {
            Outcome.A => sideA,
            Outcome.B => sideB,
            _ => (CounterRandom.Bits(CounterRandom.Derive(seed, "coin " + match.Id), 0) & 1) == 0 ? sideA : sideB,
        };
        Advancement by = identical ? Advancement.Identical : result.Outcome.IsDecided() ? Advancement.Verdict : Advancement.Coin;
        var over = new DecidedMatch(match, result, winner, by);
        decided.Add(over);
        return over;
    }
}
