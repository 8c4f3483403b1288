using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Stages;

/// <summary>The place of a candidate in a round.</summary>
/// <param name="Index">Place of its prompt, from 0.</param>
/// <param name="Candidate">Its number among the prompt's, from 0.</param>
public readonly record struct CandidatePlace(int Index, int Candidate);

/// <summary>Draw: sees to it that a round's candidates are in the ledger.</summary>
public static class RoundCandidates
{
    /// <summary>Looks up candidates, draws (or takes from the data) those that the ledger lacks, commits them, and returns what the ledger kept.</summary>
    /// <param name="plan">The round.</param>
    /// <param name="places">The candidates wanted.</param>
    /// <param name="isNew">Whether nothing of these prompts was ever begun, so that the look-up can be left out.</param>
    /// <param name="generator">Draws.</param>
    /// <param name="ledger">The record of truth.</param>
    /// <param name="cancel">Ends the work early.</param>
    /// <returns>The candidates, in the order of the places.</returns>
    public static async Task<IReadOnlyList<CompletionRow>> EnsureAsync(
        RoundPlan plan, IReadOnlyList<CandidatePlace> places, bool isNew, IGenerator generator, IRunLedger ledger, CancellationToken cancel)
    {
        Dictionary<CandidatePlace, CompletionRow> kept = [];
        if (!isNew) await LookUpAsync(places).ConfigureAwait(false);
        CandidatePlace[] missing = [.. places.Where(place => !kept.ContainsKey(place))], drawn = [.. missing.Where(place => !plan.IsGiven(place.Candidate))];
        if (missing.Length > 0)
        {
            IReadOnlyList<GeneratedResponse> responses = drawn.Length == 0 ? [] : await generator.GenerateAsync(
                plan.Policies.Player, [.. drawn.Select(place => plan.Request(place.Index, place.Candidate))], cancel).ConfigureAwait(false);
            Keep(await ledger.AddCompletionsAsync(
                [
                    .. missing.Where(place => plan.IsGiven(place.Candidate)).Select(place => plan.GivenCompletion(place.Index, place.Candidate)),
                    .. drawn.Select((place, i) => plan.Completion(place.Index, place.Candidate, responses[i])),
                ],
                cancel).ConfigureAwait(false));

            // Where another process was first, its candidates count.
            CandidatePlace[] others = [.. missing.Where(place => !kept.ContainsKey(place))];
            if (others.Length > 0) await LookUpAsync(others).ConfigureAwait(false);
        }

        return [.. places.Select(place => kept[place])];

        async Task LookUpAsync(IReadOnlyList<CandidatePlace> wanted) => Keep(
            await ledger.CompletionsAsync(plan.Stage, plan.Round, [.. wanted.Select(place => place.Index).Distinct()], cancel).ConfigureAwait(false));

        void Keep(IReadOnlyList<CompletionRow> rows)
        {
            foreach (CompletionRow row in rows) kept[new CandidatePlace(row.Key.Index, row.Candidate)] = row;
        }
    }
}
