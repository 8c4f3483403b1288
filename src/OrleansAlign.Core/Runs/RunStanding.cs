using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Core.Runs;

/// <summary>How far a run is: its rounds in the recipe's order, a stage without rounds counting as one.</summary>
/// <param name="Done">Rounds that ended before the first that did not.</param>
/// <param name="Total">Rounds in all.</param>
/// <param name="Stage">Stage of the first round that did not end, from 0; -1 if all ended.</param>
/// <param name="Round">That round, from 1; 0 in a stage without rounds, and if all ended.</param>
public sealed record RunStanding(int Done, int Total, int Stage, int Round)
{
    /// <summary>Whether all rounds ended.</summary>
    public bool IsFinished => Done == Total;

    /// <summary>How far a run of a recipe is whose ledger has the given rounds.</summary>
    public static RunStanding Of(Recipe recipe, IEnumerable<RoundRow> rounds)
    {
        HashSet<(int, int)> ended = [.. rounds.Select(r => (r.Stage, r.Round))];
        (int Stage, int Round)[] planned = [.. recipe.Stages.SelectMany((s, i) => s.RoundNumbers.Select(r => (i, r)))];
        int open = Array.FindIndex(planned, p => !ended.Contains(p));
        return open < 0
            ? new RunStanding(planned.Length, planned.Length, -1, 0)
            : new RunStanding(open, planned.Length, planned[open].Stage, planned[open].Round);
    }
}
