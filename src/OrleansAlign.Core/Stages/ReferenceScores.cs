using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Stages;

/// <summary>Log-probs of paired candidates under a round's reference policy.</summary>
public static class ReferenceScores
{
    /// <summary>Scores the candidates that contests paired. Where the reference drew them itself, what it recorded then is the answer, to the bit.</summary>
    /// <param name="reference">Hash of the reference policy.</param>
    /// <param name="contests">The prompts' ids, candidates and results.</param>
    /// <param name="scorer">Scores what others drew.</param>
    /// <param name="cancel">Ends the work early.</param>
    /// <returns>By contest and candidate: the log-prob summed over the candidate's tokens.</returns>
    public static async Task<IReadOnlyDictionary<(int Contest, int Candidate), double>> OfAsync(
        string reference, IReadOnlyList<(int[] PromptTokens, IReadOnlyList<CompletionRow> Candidates, ContestResult Result)> contests, IScorer scorer, CancellationToken cancel)
    {
        Dictionary<(int, int), double> scores = [];
        List<(int Contest, int Candidate)> unknown = [];
        foreach ((int contest, int candidate) in contests.SelectMany((c, i) => c.Result.Picks.SelectMany(pick => new[] { (i, pick.Chosen), (i, pick.Rejected) })).Distinct())
        {
            CompletionRow row = contests[contest].Candidates[candidate];
            if (row.Policy == reference) scores[(contest, candidate)] = Sum(row.LogProbs);
            else unknown.Add((contest, candidate));
        }

        if (unknown.Count == 0) return scores;
        IReadOnlyList<float[]> logProbs = await scorer.LogProbsAsync(
            reference, [.. unknown.Select(u => Sequence(contests[u.Contest].PromptTokens, contests[u.Contest].Candidates[u.Candidate].Tokens))], cancel).ConfigureAwait(false);
        for (int i = 0; i < unknown.Count; i++) scores[unknown[i]] = Sum(logProbs[i]);
        return scores;
    }

    /// <summary>A prompt and its completion as one sequence.</summary>
    internal static TokenSequence Sequence(int[] prompt, int[] completion) => new([.. prompt, .. completion], prompt.Length);

    private static double Sum(float[] logProbs)
    {
        double sum = 0;
        foreach (float logProb in logProbs) sum += logProb;
        return sum;
    }
}
