using System.Text.Json.Nodes;
using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Pairing;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Tournaments;

/// <summary>A prompt and its candidates, as a tournament takes them.</summary>
/// <param name="Messages">The conversation that is answered.</param>
/// <param name="Candidates">The candidates, by number.</param>
/// <param name="Seed">Seed of the prompt's bracket.</param>
public sealed record TournamentEntry(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<CompletionRow> Candidates, ulong Seed)
{
    /// <summary>The prompt's check; null unless the judge decides by checks.</summary>
    public JsonObject? Check { get; init; }
}

/// <summary>The result of one prompt's tournament.</summary>
/// <param name="Matches">The matches, in the order in which they were decided; empty where no judge compared candidates.</param>
/// <param name="Scores">The candidates' scores, null for a candidate without a score; empty where no judge gave scores.</param>
/// <param name="Picks">The preference pairs.</param>
public sealed record TournamentResult(IReadOnlyList<MatchRow> Matches, IReadOnlyList<double?> Scores, IReadOnlyList<PairPick> Picks);

/// <summary>Decides the tournaments of many prompts together.</summary>
public static class Tournament
{
    /// <summary>Decides tournaments; result i belongs to entry i.</summary>
    /// <param name="decision">How candidates are decided.</param>
    /// <param name="entries">The prompts.</param>
    /// <param name="judge">The judge; null where the data decides. It must be an <see cref="IRater"/> where scores decide.</param>
    /// <param name="cancel">Ends the work early.</param>
    public static Task<IReadOnlyList<TournamentResult>> DecideAsync(
        Decision decision, IReadOnlyList<TournamentEntry> entries, IJudge? judge, CancellationToken cancel) => decision switch
    {
        Decision.ByBracket bracket => ByBracketAsync(bracket, entries, judge!, cancel),
        Decision.ByScores scores => ByScoresAsync(scores, entries, (IRater)judge!, cancel),
        _ => Task.FromResult<IReadOnlyList<TournamentResult>>([.. entries.Select(ByData)]),
    };

    /// <summary>Judges all pending matches of all tournaments in one batch, until every tournament is complete.</summary>
    public static async Task PlayAsync(IReadOnlyList<PromptTournament> tournaments, IJudge judge, CancellationToken cancel)
    {
        while (true)
        {
            Dictionary<VerdictKey, JudgeQuestion> questions = [];
            foreach (PromptTournament tournament in tournaments)
            {
                foreach ((VerdictKey key, JudgeQuestion question) in tournament.Pending()) questions[key] = question;
            }

            if (questions.Count == 0) return;
            IReadOnlyList<Verdict> verdicts = await judge.JudgeAsync([.. questions.Values], cancel).ConfigureAwait(false);
            Dictionary<VerdictKey, Verdict> answers = questions.Keys.Zip(verdicts).ToDictionary();
            foreach (PromptTournament tournament in tournaments) tournament.Advance(answers);
        }
    }

    private static async Task<IReadOnlyList<TournamentResult>> ByBracketAsync(
        Decision.ByBracket bracket, IReadOnlyList<TournamentEntry> entries, IJudge judge, CancellationToken cancel)
    {
        PromptTournament[] tournaments = [.. entries.Select(entry =>
        {
            var tournament = new PromptTournament(entry.Messages, entry.Candidates.Count, bracket.Format, entry.Seed, judge.Id) { Check = entry.Check };
            tournament.Enter(entry.Candidates.Select(c => (c.Candidate, c.Text)));
            return tournament;
        })];
        await PlayAsync(tournaments, judge, cancel).ConfigureAwait(false);
        return [.. tournaments.Select(t => t.Result(bracket.Pairing))];
    }

    private static async Task<IReadOnlyList<TournamentResult>> ByScoresAsync(
        Decision.ByScores scores, IReadOnlyList<TournamentEntry> entries, IRater rater, CancellationToken cancel)
    {
        RatedResponse[] responses =
            [.. entries.SelectMany(entry => entry.Candidates.Select(c => new RatedResponse(entry.Messages, c.Text) { Check = entry.Check }))];
        IReadOnlyList<Rating> ratings = await rater.RateAsync(responses, cancel).ConfigureAwait(false);
        List<TournamentResult> results = new(entries.Count);
        int from = 0;
        foreach (TournamentEntry entry in entries)
        {
            Rating[] own = [.. ratings.Skip(from).Take(entry.Candidates.Count)];
            from += own.Length;
            IReadOnlyList<PairPick> picks = PairPicker.FromScores(own, Classes(entry), scores.Pairing);
            results.Add(new TournamentResult([], [.. own.Select(r => r is Rating.Scored s ? s.Value : (double?)null)], picks));
        }

        return results;
    }

    private static TournamentResult ByData(TournamentEntry entry)
    {
        int[] classes = Classes(entry);
        IEnumerable<int> rejected = Enumerable.Range(1, entry.Candidates.Count - 1).Where(i => classes[i] != classes[0]);
        return new TournamentResult([], [], [.. rejected.Select(i => new PairPick(0, i, Margin: 1))]);
    }

    private static int[] Classes(TournamentEntry entry) => CandidateIdentity.Classes([.. entry.Candidates.Select(c => c.Text)]);
}
