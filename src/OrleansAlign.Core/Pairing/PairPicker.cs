using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Judging;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Pairing;

/// <summary>Picks preference pairs. Labels never come from tied or invalid verdicts, nor from coins: see <see cref="VerdictGraph"/>.</summary>
public static class PairPicker
{
    /// <summary>Picks the pairs of a complete bracket. A pure function; draws derive from the bracket's seed.</summary>
    /// <exception cref="ArgumentException">The bracket is not complete, or the options have problems with its format.</exception>
    public static PairPicks FromBracket(Bracket bracket, PairingOptions options)
    {
        if (options.Problems(bracket.Format).FirstOrDefault() is { } problem) throw new ArgumentException(problem, nameof(options));
        if (bracket.Winner is not { } winner)
            throw new ArgumentException($"the bracket is not complete: {bracket.Pending.Count} matches are pending", nameof(bracket));
        if (bracket.Classes.Distinct().Count() < 2)
            return PairPicks.None(bracket.Candidates == 1 ? "there is one candidate only" : "all candidates are identical");
        var graph = new VerdictGraph(bracket);
        if (options.Rule == PairingRule.AllDecided) return AllDecided(bracket, graph, options);
        (string rivals, IReadOnlyList<int> indices) = options.Rule switch
        {
            PairingRule.WinnerVsFinalist => ("runner-up", RunnersUp(bracket, winner)),
            PairingRule.WinnerVsLast => ("last", bracket.Ranking[^1]),
            _ => ("first-round loser", FirstRoundLosers(bracket)),
        };
        List<PairPick> fit = [];
        foreach (int index in indices)
        {
            if (graph.Margin(winner, index) is { } found && found.Margin >= options.MinimumMargin)
                fit.Add(new PairPick(winner, index, found.Margin, found.MatchId));
        }

        return fit.Count == 0
            ? PairPicks.None($"no verdict, with a margin of at least {options.MinimumMargin}, puts the winner above a {rivals}")
            : new PairPicks([fit[CounterRandom.Integer(CounterRandom.Derive(bracket.Seed, "rejected"), 0, fit.Count)]], null);
    }

    /// <summary>Pairs the best score with the worst; identical candidates share the mean of theirs, the lowest index stands for equals.</summary>
    /// <param name="ratings">One per candidate; unparsable ones take no part.</param>
    /// <param name="classes">Content class per candidate (<see cref="CandidateIdentity"/>); null: all differ.</param>
    /// <param name="options">Rule <see cref="PairingRule.BestVsWorstScore"/>; the least margin is in the scores' own unit.</param>
    /// <exception cref="ArgumentException">The options have problems or another rule, or ratings and classes differ in number.</exception>
    public static PairPicks FromScores(IReadOnlyList<Rating> ratings, IReadOnlyList<int>? classes, PairingOptions options)
    {
        if (options.Problems().FirstOrDefault() is { } problem) throw new ArgumentException(problem, nameof(options));
        if (options.Rule != PairingRule.BestVsWorstScore)
            throw new ArgumentException($"pairing {options.Rule.Name()} needs a bracket; scores are paired by another rule", nameof(options));
        if (classes is not null && classes.Count != ratings.Count)
            throw new ArgumentException($"{classes.Count} content classes for {ratings.Count} ratings; give one each", nameof(classes));
        Rating[] merged = [.. Enumerable.Range(0, ratings.Count).Select(i => ratings[i] is Rating.Unparsable || classes is null
            ? ratings[i]
            : PointwiseScore.Average([.. ratings.Where((_, j) => classes[j] == classes[i])]))];
        if (PointwiseScore.Extremes(merged) is not var (best, worst))
            return PairPicks.None("fewer than two candidates have a score, or all scores are equal");
        double margin = ((Rating.Scored)merged[best]).Value - ((Rating.Scored)merged[worst]).Value;
        return margin >= options.MinimumMargin
            ? new PairPicks([new PairPick(best, worst, margin, null)], null)
            : PairPicks.None($"best and worst score differ by {margin}, less than {options.MinimumMargin}");
    }

    private static PairPicks AllDecided(Bracket bracket, VerdictGraph graph, PairingOptions options)
    {
        var seen = new HashSet<(int, int)>();
        var pairs = new List<PairPick>();
        foreach (DecidedMatch match in bracket.Decided)
        {
            if (match.Advancement != Advancement.Verdict || !seen.Add((bracket.Classes[match.Winner], bracket.Classes[match.Loser]))) continue;
            if (graph.Margin(match.Winner, match.Loser) is { } found && found.Margin >= options.MinimumMargin)
                pairs.Add(new PairPick(match.Winner, match.Loser, found.Margin, found.MatchId));
        }

        return pairs.Count == 0
            ? PairPicks.None($"no match was decided with a margin of at least {options.MinimumMargin}")
            : new PairPicks(pairs, null);
    }

    private static IReadOnlyList<int> RunnersUp(Bracket bracket, int winner) =>
        bracket.Ranking[0].Count > 1 ? [.. bracket.Ranking[0].Where(i => i != winner)] : bracket.Ranking[1];

    private static IReadOnlyList<int> FirstRoundLosers(Bracket bracket) =>
        [.. bracket.Decided.Where(d => d.Match is { Part: BracketPart.Main, Round: 1 } && d.Advancement == Advancement.Verdict).Select(d => d.Loser)];
}
