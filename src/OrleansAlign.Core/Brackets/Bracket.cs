using System.Collections.Immutable;
using OrleansAlign.Core.Text;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Brackets;

/// <summary>A tournament among one prompt's candidates, as it stands: which matches can be judged now, which are over, who leads.</summary>
/// <remarks>
/// Immutable. The state is a function of (format, candidates, seed, identical candidates, set of results): results may come in any order and any
/// number at a time, and a bracket replayed from recorded results is the one that recorded them. Nothing waits for a round to end, except in Swiss.
/// A tie or an invalid verdict advances a side by a coin bound to the match id. Candidates of equal content tie without a judge.
/// </remarks>
public sealed class Bracket
{
    private readonly ImmutableSortedDictionary<string, MatchResult> results;
    private readonly int[] classes;

    private Bracket(BracketFormat format, int candidates, ulong seed, int[] classes, ImmutableSortedDictionary<string, MatchResult> results)
    {
        (Format, Candidates, Seed, this.classes, this.results) = (format, candidates, seed, classes, results);
        var table = new MatchTable(candidates, seed, classes, results);
        Ranking = format switch
        {
            BracketFormat.SingleElimination => Knockout.Play(table, losersBracket: false),
            BracketFormat.LosersBracket => Knockout.Play(table, losersBracket: true),
            BracketFormat.Swiss => Swiss.Play(table),
            _ => RoundRobin.Play(table),
        } ?? [];
        (Pending, Decided) = (table.Pending, table.Decided);
    }

    /// <summary>Who plays whom.</summary>
    public BracketFormat Format { get; }

    /// <summary>Number of candidates, n.</summary>
    public int Candidates { get; }

    /// <summary>What draws and coins derive from.</summary>
    public ulong Seed { get; }

    /// <summary>Content class of each candidate, as given to <see cref="Create"/>.</summary>
    public IReadOnlyList<int> Classes => classes;

    /// <summary>Matches whose sides are known and that are not decided, in order of play.</summary>
    public IReadOnlyList<Match> Pending { get; }

    /// <summary>Matches that are over, in order of play (not of arrival).</summary>
    public IReadOnlyList<DecidedMatch> Decided { get; }

    /// <summary>Candidates by standing, best first; equal candidates share a tier. Empty until complete.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Ranking { get; }

    /// <summary>Whether every match is over.</summary>
    public bool IsComplete => Ranking.Count > 0;

    /// <summary>The best candidate, drawn by the seed where several share the first place; null until complete.</summary>
    public int? Winner => IsComplete ? Ranking[0][CounterRandom.Integer(CounterRandom.Derive(Seed, "winner"), 0, Ranking[0].Count)] : null;

    /// <summary>The results given so far, by match id: with the arguments of <see cref="Create"/>, all that is needed to come back here.</summary>
    public IReadOnlyDictionary<string, MatchResult> Results => results;

    /// <summary>A bracket in which nothing has been judged.</summary>
    /// <param name="format">Who plays whom.</param>
    /// <param name="candidates">How many; one alone wins without a match.</param>
    /// <param name="seed">What draws and coins derive from.</param>
    /// <param name="classes">Content class per candidate (<see cref="CandidateIdentity"/>); null: all differ. Copied.</param>
    /// <exception cref="ArgumentException">No candidate, another number of classes than of candidates, or no such format.</exception>
    public static Bracket Create(BracketFormat format, int candidates, ulong seed, IReadOnlyList<int>? classes = null)
    {
        if (candidates < 1) throw new ArgumentException($"a bracket of {candidates} candidates has no winner; give at least 1", nameof(candidates));
        if (!Enum.IsDefined(format)) throw new ArgumentException($"there is no bracket format {format}", nameof(format));
        if (classes is not null && classes.Count != candidates)
            throw new ArgumentException($"{classes.Count} content classes for {candidates} candidates; give one each", nameof(classes));
        int[] copy = classes is null ? [.. Enumerable.Range(0, candidates)] : [.. classes];
        return new Bracket(format, candidates, seed, copy, ImmutableSortedDictionary.Create<string, MatchResult>(StringComparer.Ordinal));
    }

    /// <summary>The bracket after some more results, in any order; a result given before may be given again.</summary>
    /// <exception cref="ArgumentException">
    /// A result contradicts one given before, has a margin outside [−1, 1], or belongs to no match of this bracket whose sides are known.
    /// </exception>
    public Bracket Advance(IEnumerable<KeyValuePair<string, MatchResult>> newResults)
    {
        var merged = results.ToBuilder();
        foreach ((string id, MatchResult result) in newResults)
        {
            if (!(Math.Abs(result.Margin) <= 1)) throw new ArgumentException($"match {id}: the margin is {result.Margin}; it must be from -1 to 1");
            if (!Enum.IsDefined(result.Outcome)) throw new ArgumentException($"match {id}: there is no outcome {result.Outcome}");
            if (merged.TryGetValue(id, out MatchResult earlier) && earlier != result)
                throw new ArgumentException($"match {id} was decided as {earlier} and cannot be decided again as {result}");
            merged[id] = result;
        }

        if (merged.Count == results.Count) return this;
        var next = new Bracket(Format, Candidates, Seed, classes, merged.ToImmutable());
        var judged = next.Decided.Where(d => d.Advancement != Advancement.Identical).Select(d => d.Match.Id).ToHashSet(StringComparer.Ordinal);
        if (next.results.Keys.FirstOrDefault(id => !judged.Contains(id)) is { } stray)
        {
            throw new ArgumentException(
                $"match {stray} cannot be decided in this {Format.Name()} bracket of {Candidates}: "
                + "there is no such match, a side is not known yet, or both are identical");
        }

        return next;
    }
}
