using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Stages;

/// <summary>The place of a candidate in a round.</summary>
/// <param name="Index">Place of its prompt, from 0.</param>
/// <param name="Candidate">Number of the candidate among its prompt's candidates, from 0.</param>
public readonly record struct CandidatePlace(int Index, int Candidate);

/// <summary>Draw: ensures that a round's candidates are in the ledger.</summary>
public static class RoundCandidates
{
    /// <summary>Looks up candidates, draws (or takes from the data) the missing ones, commits them, and returns the rows that the ledger kept.</summary>
    /// <param name="plan">The round.</param>
    /// <param name="places">The candidates wanted.</param>
    /// <param name="isNew">Whether work on these prompts has never begun, so that the look-up can be skipped.</param>
    /// <param name="generator">Draws the missing candidates.</param>
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

            // Where another process committed a candidate first, the ledger keeps that process's row.
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
