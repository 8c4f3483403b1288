using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Runs;
using OrleansAlign.Core.Tournaments;

namespace OrleansAlign.Core.Stages;

/// <summary>Plays rounds in one process, some prompts at a time: all their candidates in one batch, then all pending matches of their brackets.</summary>
/// <param name="ledger">The record of truth.</param>
/// <param name="generator">Draws candidates.</param>
/// <param name="judgeOf">The judge that a policy makes.</param>
/// <param name="scorer">Scores what the reference did not draw.</param>
/// <param name="encoder">Conversations to tokens.</param>
/// <param name="progress">Who watches.</param>
public sealed class BatchedPlayer(
    IRunLedger ledger, IGenerator generator, Func<string, IJudge> judgeOf, IScorer scorer, ConversationEncoder encoder, IProgress<RunEvent> progress) : IRoundPlayer
{
    /// <summary>Prompts whose candidates are drawn and judged together; bounds memory, not results.</summary>
    private const int PromptsAtOnce = 64;

    /// <inheritdoc/>
    public async Task PlayAsync(RoundPlan round, CancellationToken cancel)
    {
        IJudge judge = judgeOf(round.Policies.Judge);
        IContest contest = round.Options.PairsScores
            ? new ScoreContest((IRater)judge, ledger, round.Options.Pairing)
            : new BracketContest(judge, ledger, round.Options.Bracket, round.Options.Pairing);
        for (int from = 0; from < round.Count; from += PromptsAtOnce)
        {
            int to = Math.Min(from + PromptsAtOnce, round.Count);
            if ((await ledger.PairSetsAsync(round.Stage, round.Round, from, to, cancel).ConfigureAwait(false)).Count < to - from)
            {
                IReadOnlyList<CompletionRow> completions = await GenerateAsync(round, from, to, cancel).ConfigureAwait(false);
                await DecideAsync(round, from, [.. completions.Chunk(round.Options.Candidates)], contest, cancel).ConfigureAwait(false);
            }

            progress.Report(new RunEvent.Advanced("play", to, round.Count, "prompts"));
        }
    }

    /// <summary>The candidates of some prompts: those that the ledger has, and the others freshly drawn and committed.</summary>
    private async Task<IReadOnlyList<CompletionRow>> GenerateAsync(RoundPlan round, int from, int to, CancellationToken cancel)
    {
        int candidates = round.Options.Candidates;
        IReadOnlyList<CompletionRow> known = await ledger.CompletionsAsync(round.Stage, round.Round, from, to, cancel).ConfigureAwait(false);
        if (known.Count == (to - from) * candidates) return known;

        HashSet<(int Index, int Candidate)> have = [.. known.Select(c => (c.Key.Index, c.Candidate))];
        (int Index, int Candidate)[] missing =
            [.. Enumerable.Range(from, to - from).SelectMany(index => Enumerable.Range(0, candidates).Select(candidate => (index, candidate))).Where(m => !have.Contains(m))];
        IReadOnlyList<GeneratedResponse> drawn = await generator.GenerateAsync(
            round.Policies.Player, [.. missing.Select(m => round.Request(m.Index, m.Candidate))], cancel).ConfigureAwait(false);
        await ledger.AddCompletionsAsync([.. missing.Select((m, i) => round.Completion(m.Index, m.Candidate, drawn[i]))], cancel).ConfigureAwait(false);
        return await ledger.CompletionsAsync(round.Stage, round.Round, from, to, cancel).ConfigureAwait(false);
    }

    /// <summary>Decides the contests of some prompts and commits one pair set per prompt.</summary>
    private async Task DecideAsync(RoundPlan round, int from, CompletionRow[][] candidates, IContest contest, CancellationToken cancel)
    {
        IReadOnlyList<ContestResult> results = await contest.DecideAsync([.. candidates.Select((c, i) => round.Contest(from + i, c))], cancel).ConfigureAwait(false);
        int[][] promptTokens = [.. results.Select((_, i) => encoder.Prompt(round.PromptAt(from + i).Messages))];
        IReadOnlyDictionary<(int Contest, int Candidate), double> scores = await ReferenceScores.OfAsync(
            round.Policies.Reference, [.. results.Select((result, i) => (promptTokens[i], (IReadOnlyList<CompletionRow>)candidates[i], result))], scorer, cancel).ConfigureAwait(false);
        await ledger.AddPairSetsAsync(
            [.. results.Select((result, i) => round.PairSet(from + i, result, promptTokens[i], candidate => scores[(i, candidate)]))], cancel).ConfigureAwait(false);
    }
}
