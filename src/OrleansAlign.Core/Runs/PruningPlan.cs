using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Core.Runs;

/// <summary>Which of a run's policies and trainer states are still needed, and why; all others can be freed.</summary>
/// <param name="Policies">The reason by the policy's hash.</param>
/// <param name="States">File names of the trainer states from which an unfinished round is trained on.</param>
public sealed record PruningPlan(IReadOnlyDictionary<string, string> Policies, IReadOnlySet<string> States)
{
    /// <summary>The plan of a run.</summary>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="ledger">Its ledger.</param>
    /// <param name="keep">Policies that the user keeps, by the first digits of their hashes.</param>
    /// <param name="cancel">Ends the work early.</param>
    /// <exception cref="InvalidDataException">The run has no policy, or several, of a hash that begins as given.</exception>
    public static async Task<PruningPlan> OfAsync(Recipe recipe, IRunLedger ledger, IEnumerable<string> keep, CancellationToken cancel)
    {
        IReadOnlyList<RoundRow> rounds = await ledger.RoundsAsync(cancel).ConfigureAwait(false);
        List<string> unevaluated = [];
        foreach (RoundRow round in recipe.Evaluation is null ? [] : rounds.Where(r => r.Stage != FirstPolicy.Stage))
        {
            if (await ledger.EvaluationAsync(round.PolicyAfter, cancel).ConfigureAwait(false) is null) unevaluated.Add(round.PolicyAfter);
        }

        RunStanding standing = RunStanding.Of(recipe, rounds);
        IReadOnlyList<TrainerCheckpointRow> states = standing.IsFinished
            ? []
            : await ledger.TrainerCheckpointsAsync(standing.Stage, standing.Round, cancel).ConfigureAwait(false);
        Dictionary<string, string> policies = NeededPolicies(standing, rounds, unevaluated);
        foreach (string hash in keep) policies.TryAdd(RunNames.FindPolicy($"--keep {hash}", hash, rounds.Select(r => r.PolicyAfter)), "--keep");
        return new PruningPlan(policies, states.Select(s => s.File).ToHashSet());
    }

    /// <summary>The policies without which a run cannot go on, or has no result.</summary>
    /// <param name="standing">How far the run is.</param>
    /// <param name="rounds">The rounds that ended, in order.</param>
    /// <param name="unevaluated">Policies whose evaluation is still to come.</param>
    public static Dictionary<string, string> NeededPolicies(RunStanding standing, IReadOnlyList<RoundRow> rounds, IEnumerable<string> unevaluated)
    {
        Dictionary<string, string> policies = [];
        if (rounds.Count == 0) return policies;
        policies[rounds[^1].PolicyAfter] = standing.IsFinished ? "the final policy" : "the run goes on from it";
        if (!standing.IsFinished && rounds.LastOrDefault(r => r.Stage < standing.Stage) is { } entering)
        {
            policies.TryAdd(entering.PolicyAfter, "the unfinished stage began with it, and may judge by it or compare with it");
        }

        foreach (string policy in unevaluated) policies.TryAdd(policy, "its evaluation is still to come");
        return policies;
    }
}
