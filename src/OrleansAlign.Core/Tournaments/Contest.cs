using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Pairing;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Tournaments;

/// <summary>One prompt and its candidates.</summary>
/// <param name="Messages">The conversation that is answered.</param>
/// <param name="Candidates">The candidates, by number.</param>
/// <param name="Seed">Seed of the prompt's bracket.</param>
public sealed record ContestEntry(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<CompletionRow> Candidates, ulong Seed);

/// <summary>What came of one prompt's candidates.</summary>
/// <param name="Matches">The matches, in order of play; none where candidates are rated one by one.</param>
/// <param name="Scores">The candidates' scores, null for one without; empty where they play.</param>
/// <param name="Picks">The preference pairs.</param>
public sealed record ContestResult(IReadOnlyList<MatchRow> Matches, IReadOnlyList<double?> Scores, IReadOnlyList<PairPick> Picks);

/// <summary>How candidates are told apart.</summary>
public interface IContest
{
    /// <summary>Decides some prompts' contests to their end; result i belongs to entry i. What the ledger has is not asked again.</summary>
    Task<IReadOnlyList<ContestResult>> DecideAsync(IReadOnlyList<ContestEntry> entries, CancellationToken cancel);
}

/// <summary>Candidates play a bracket.</summary>
public sealed class BracketContest(IJudge judge, IRunLedger ledger, BracketFormat format, PairingOptions pairing) : IContest
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ContestResult>> DecideAsync(IReadOnlyList<ContestEntry> entries, CancellationToken cancel)
    {
        PromptTournament[] tournaments =
            [.. entries.Select(e => new PromptTournament(e.Messages, [.. e.Candidates.Select(c => c.Text)], format, e.Seed, judge.Id))];
        await TournamentHost.PlayAsync(tournaments, judge, ledger, cancel).ConfigureAwait(false);
        return [.. tournaments.Select(t => t.Result(pairing))];
    }
}

/// <summary>Candidates are rated one by one, and the best is paired with the worst (Self-Rewarding, arXiv:2401.10020, §2.3).</summary>
public sealed class ScoreContest(IRater rater, IRunLedger ledger, PairingOptions pairing) : IContest
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ContestResult>> DecideAsync(IReadOnlyList<ContestEntry> entries, CancellationToken cancel)
    {
        Dictionary<RatingKey, RatedResponse> responses = [];
        foreach (ContestEntry entry in entries)
        {
            foreach (CompletionRow candidate in entry.Candidates) responses[KeyOf(entry, candidate)] = new RatedResponse(entry.Messages, candidate.Text);
        }

        Dictionary<RatingKey, Rating> ratings = new(await ledger.RatingsAsync(responses.Keys, cancel).ConfigureAwait(false));
        RatingKey[] open = [.. responses.Keys.Where(key => !ratings.ContainsKey(key))];
        if (open.Length > 0)
        {
            IReadOnlyList<Rating> given = await rater.RateAsync([.. open.Select(key => responses[key])], cancel).ConfigureAwait(false);
            foreach (RatingRow row in await ledger.AddRatingsAsync([.. open.Select((key, i) => new RatingRow(key, given[i]))], cancel).ConfigureAwait(false)) ratings[row.Key] = row.Rating;

            // Where somebody else was first, the ledger's word counts.
            RatingKey[] others = [.. open.Where(key => !ratings.ContainsKey(key))];
            foreach ((RatingKey key, Rating rating) in await ledger.RatingsAsync(others, cancel).ConfigureAwait(false)) ratings[key] = rating;
        }

        return [.. entries.Select(entry =>
        {
            Rating[] own = [.. entry.Candidates.Select(c => ratings[KeyOf(entry, c)])];
            IReadOnlyList<PairPick> picks = PairPicker.FromScores(own, CandidateIdentity.Classes([.. entry.Candidates.Select(c => c.Text)]), pairing).Pairs;
            return new ContestResult([], [.. own.Select(r => r is Rating.Scored s ? s.Value : (double?)null)], picks);
        })];
    }

    private RatingKey KeyOf(ContestEntry entry, CompletionRow candidate) => new(rater.Id, ContentHash.Of(entry.Messages), ContentHash.Of(candidate.Text));
}
