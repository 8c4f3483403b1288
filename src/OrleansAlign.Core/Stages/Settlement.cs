using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Stages;

/// <summary>A prompt whose tournament is over.</summary>
/// <param name="Index">Place of the prompt.</param>
/// <param name="Candidates">Its candidates, by number.</param>
/// <param name="Result">How the tournament ended.</param>
public sealed record DecidedPrompt(int Index, IReadOnlyList<CompletionRow> Candidates, TournamentResult Result);

/// <summary>Settle: scores paired candidates under the reference policy, where the loss has one, and commits one pair set per prompt.</summary>
public static class Settlement
{
    /// <summary>Commits the pair sets of decided prompts. A candidate that the reference drew is scored by its recorded log-probs, to the bit.</summary>
    /// <param name="plan">The round.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="scorer">Scores candidates that the reference policy did not draw.</param>
    /// <param name="ledger">The record of truth.</param>
    /// <param name="cancel">Ends the work early.</param>
    /// <returns>Number of pairs that are new.</returns>
    public static async Task<int> CommitAsync(
        RoundPlan plan, IReadOnlyList<DecidedPrompt> prompts, IScorer scorer, IRunLedger ledger, CancellationToken cancel)
    {
        int[][] tokens = [.. prompts.Select(p => plan.PromptTokens(p.Index))];
        Dictionary<(int Prompt, int Candidate), double> scores = plan.NeedsReference
            ? await ScoreAsync(plan, prompts, tokens, scorer, cancel).ConfigureAwait(false)
            : [];
        IReadOnlyList<PairSetRow> added = await ledger.AddPairSetsAsync(
            [.. prompts.Select((p, i) => plan.PairSet(p.Index, p.Result, tokens[i], candidate => Score(i, candidate)))], cancel).ConfigureAwait(false);
        return added.Sum(set => set.Pairs.Count);

        double? Score(int prompt, int candidate) => scores.TryGetValue((prompt, candidate), out double score) ? score : null;
    }

    /// <summary>A prompt and its completion as one sequence.</summary>
    internal static TokenSequence Sequence(int[] prompt, int[] completion) => new([.. prompt, .. completion], prompt.Length);

    /// <summary>The log-probs of all paired candidates under the reference, summed over their tokens.</summary>
    private static async Task<Dictionary<(int Prompt, int Candidate), double>> ScoreAsync(
        RoundPlan plan, IReadOnlyList<DecidedPrompt> prompts, int[][] tokens, IScorer scorer, CancellationToken cancel)
    {
        Dictionary<(int Prompt, int Candidate), double> scores = [];
        List<(int Prompt, int Candidate)> unknown = [];
        IEnumerable<(int Prompt, int Candidate)> paired = prompts.SelectMany(
            (p, i) => p.Result.Picks.SelectMany(pick => new[] { (i, pick.Chosen), (i, pick.Rejected) }));
        foreach ((int prompt, int candidate) in paired.Distinct())
        {
            CompletionRow row = prompts[prompt].Candidates[candidate];
            if (row.Policy == plan.Policies.Reference) scores[(prompt, candidate)] = Sum(row.LogProbs);
            else unknown.Add((prompt, candidate));
        }

        if (unknown.Count > 0)
        {
            TokenSequence[] sequences = [.. unknown.Select(u => Sequence(tokens[u.Prompt], prompts[u.Prompt].Candidates[u.Candidate].Tokens))];
            IReadOnlyList<float[]> logProbs = await scorer.LogProbsAsync(plan.Policies.Reference, sequences, cancel).ConfigureAwait(false);
            for (int i = 0; i < unknown.Count; i++) scores[unknown[i]] = Sum(logProbs[i]);
        }

        return scores;
    }

    private static double Sum(float[] logProbs) => logProbs.Sum(logProb => (double)logProb);
}
