using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Tournaments;

namespace OrleansAlign.Core.Stages;

/// <summary>
/// Plays rounds in one process, some prompts at a time: all their candidates in one batch, then all pending matches of their tournaments.
/// </summary>
/// <param name="ledger">The record of truth.</param>
/// <param name="generator">Draws candidates.</param>
/// <param name="judgeOf">Makes the judge of a policy, given its hash; the ledger keeps its answers.</param>
/// <param name="scorer">Scores candidates that the reference policy did not draw.</param>
/// <param name="progress">Takes the run's events.</param>
public sealed class BatchedPlayer(
    IRunLedger ledger, IGenerator generator, Func<string, IJudge> judgeOf, IScorer scorer, IProgress<RunEvent> progress) : IRoundPlayer
{
    /// <summary>Prompts whose candidates are drawn and judged together; bounds memory, not results.</summary>
    private const int PromptsAtOnce = 64;

    /// <inheritdoc/>
    public async Task PlayAsync(RoundPlan round, CancellationToken cancel)
    {
        IJudge? judge = round.Decision.AsksJudge ? judgeOf(round.Policies.Judge) : null;
        for (int from = 0; from < round.Count; from += PromptsAtOnce)
        {
            int to = Math.Min(from + PromptsAtOnce, round.Count);
            if ((await ledger.PairSetsAsync(round.Stage, round.Round, from, to, cancel).ConfigureAwait(false)).Count < to - from)
            {
                await PlayAsync(round, from, to, judge, cancel).ConfigureAwait(false);
            }

            progress.Report(new RunEvent.Advanced("play", to, round.Count, "prompts"));
        }
    }

    private async Task PlayAsync(RoundPlan round, int from, int to, IJudge? judge, CancellationToken cancel)
    {
        CandidatePlace[] places = [.. Enumerable.Range(from, to - from).SelectMany(
            index => Enumerable.Range(0, round.Candidates).Select(candidate => new CandidatePlace(index, candidate)))];
        CompletionRow[][] candidates =
            [.. (await RoundCandidates.EnsureAsync(round, places, isNew: false, generator, ledger, cancel).ConfigureAwait(false)).Chunk(round.Candidates)];
        IReadOnlyList<TournamentResult> results = await Tournament.DecideAsync(
            round.Decision, [.. candidates.Select((c, i) => round.Tournament(from + i, c))], judge, cancel).ConfigureAwait(false);
        DecidedPrompt[] decided = [.. results.Select((result, i) => new DecidedPrompt(from + i, candidates[i], result))];
        await Settlement.CommitAsync(round, decided, scorer, ledger, cancel).ConfigureAwait(false);
    }
}
