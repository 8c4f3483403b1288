using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Judging;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Pairing;

/// <summary>Picks preference pairs. Labels never come from tied or invalid verdicts, nor from coins: see <see cref="VerdictGraph"/>.</summary>
public static class PairPicker
{
    /// <summary>Picks the pairs of a complete bracket. A pure function; draws derive from the bracket's seed.</summary>
    /// <param name="bracket">The bracket.</param>
    /// <param name="options">Options without problems for the bracket's format.</param>
    /// <exception cref="ArgumentException">The bracket is not complete.</exception>
    public static IReadOnlyList<PairPick> FromBracket(Bracket bracket, PairingOptions options)
    {
        if (bracket.Winner is not { } winner)
            throw new ArgumentException($"the bracket is not complete: {bracket.Pending.Count} matches are pending", nameof(bracket));
        if (bracket.Classes.Distinct().Count() < 2) return [];
        var graph = new VerdictGraph(bracket);
        if (options.Rule == PairingRule.AllDecided) return AllDecided(bracket, graph, options);
        IReadOnlyList<int> rivals = options.Rule switch
        {
            PairingRule.WinnerVsFinalist => RunnersUp(bracket, winner),
            PairingRule.WinnerVsLast => bracket.Ranking[^1],
            _ => FirstRoundLosers(bracket),
        };
        PairPick[] fit = [.. rivals.Select(rival => Pick(graph, winner, rival, options)).OfType<PairPick>()];
        return fit.Length == 0 ? [] : [fit[CounterRandom.Integer(CounterRandom.Derive(bracket.Seed, "rejected"), 0, fit.Length)]];
    }

    /// <summary>Pairs the best score with the worst; identical candidates share the mean of theirs, the lowest index stands for equals.</summary>
    /// <param name="ratings">One per candidate; unparsable ones take no part.</param>
    /// <param name="classes">Content class per candidate (<see cref="CandidateIdentity"/>).</param>
    /// <param name="options">Rule <see cref="PairingRule.BestVsWorstScore"/>; the least margin is in the scores' own unit.</param>
    public static IReadOnlyList<PairPick> FromScores(IReadOnlyList<Rating> ratings, IReadOnlyList<int> classes, PairingOptions options)
    {
        Rating[] merged = [.. Enumerable.Range(0, ratings.Count).Select(i => ratings[i] is Rating.Unparsable
            ? ratings[i]
            : PointwiseScore.Average([.. ratings.Where((_, j) => classes[j] == classes[i])]))];
        if (PointwiseScore.Extremes(merged) is not var (best, worst)) return [];
        double margin = ((Rating.Scored)merged[best]).Value - ((Rating.Scored)merged[worst]).Value;
        return margin >= options.MinimumMargin ? [new PairPick(best, worst, margin)] : [];
    }

    private static IReadOnlyList<PairPick> AllDecided(Bracket bracket, VerdictGraph graph, PairingOptions options)
    {
        IEnumerable<DecidedMatch> judged = bracket.Decided.Where(match => match.Advancement == Advancement.Verdict)
            .DistinctBy(match => (bracket.Classes[match.Winner], bracket.Classes[match.Loser]));
        return [.. judged.Select(match => Pick(graph, match.Winner, match.Loser, options)).OfType<PairPick>()];
    }

    private static PairPick? Pick(VerdictGraph graph, int better, int worse, PairingOptions options) =>
        graph.Margin(better, worse) is { } margin && margin >= options.MinimumMargin ? new PairPick(better, worse, margin) : null;

    private static IReadOnlyList<int> RunnersUp(Bracket bracket, int winner) =>
        bracket.Ranking[0].Count > 1 ? [.. bracket.Ranking[0].Where(i => i != winner)] : bracket.Ranking[1];

    private static IReadOnlyList<int> FirstRoundLosers(Bracket bracket) =>
        [.. bracket.Decided.Where(d => d.Match is { Part: BracketPart.Main, Round: 1 } && d.Advancement == Advancement.Verdict).Select(d => d.Loser)];
}
