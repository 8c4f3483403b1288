using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Tournaments;

/// <summary>Plays many tournaments to their end, all pending matches of all of them in one batch; a verdict is committed before it counts.</summary>
public static class TournamentHost
{
    /// <summary>Plays until every tournament is complete. A question that the ledger has an answer to is not asked.</summary>
    /// <returns>Number of questions that were asked.</returns>
    public static async Task<int> PlayAsync(IReadOnlyList<PromptTournament> tournaments, IJudge judge, IRunLedger? ledger, CancellationToken cancel)
    {
        int asked = 0;
        while (true)
        {
            Dictionary<VerdictKey, JudgeQuestion> questions = [];
            foreach (PromptTournament tournament in tournaments)
            {
                foreach ((VerdictKey key, JudgeQuestion question) in tournament.Pending()) questions[key] = question;
            }

            if (questions.Count == 0) return asked;
            Dictionary<VerdictKey, Verdict> answers = ledger is null ? [] : new(await ledger.VerdictsAsync(questions.Keys, cancel).ConfigureAwait(false));
            VerdictKey[] open = [.. questions.Keys.Where(key => !answers.ContainsKey(key))];
            if (open.Length > 0)
            {
                IReadOnlyList<Verdict> verdicts = await judge.JudgeAsync([.. open.Select(key => questions[key])], cancel).ConfigureAwait(false);
                asked += open.Length;
                if (ledger is not null) await ledger.AddVerdictsAsync([.. open.Select((key, i) => new VerdictRow(key, verdicts[i]))], cancel).ConfigureAwait(false);
                for (int i = 0; i < open.Length; i++) answers[open[i]] = verdicts[i];
            }

            foreach (PromptTournament tournament in tournaments) tournament.Advance(answers);
        }
    }
}
