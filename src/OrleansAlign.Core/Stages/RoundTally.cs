using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Stages;

/// <summary>Adds up the figures of a round's tournaments; a resumed round has the same figures, since all rows are read from the ledger.</summary>
/// <param name="judged">Whether a judge decided; pairs that the data gives have no meaningful margin.</param>
internal sealed class RoundTally(bool judged)
{
    private JudgeHealth health = JudgeHealth.Empty;
    private long prompts, matches, pairs, candidates, ended, candidateTokens, chosenTokens, rejectedTokens;
    private double margins;

    /// <summary>Pairs so far.</summary>
    public long Pairs => pairs;

    /// <summary>Adds a prompt.</summary>
    /// <param name="drawn">Its candidates.</param>
    /// <param name="set">Its matches, scores and pairs.</param>
    /// <param name="verdicts">The verdicts of its matches, by canonical key.</param>
    public void Add(IReadOnlyList<CompletionRow> drawn, PairSetRow set, IReadOnlyDictionary<VerdictKey, Verdict> verdicts)
    {
        health = health.Add([.. set.Matches.Where(m => m.Key is not null).Select(m => Judged(m, m.Key!.Value, drawn, verdicts))]);
        prompts++;
        matches += set.Matches.Count;
        foreach (CompletionRow candidate in drawn.Where(c => c.Policy != RoundPlan.DataPolicy))
        {
            candidates++;
            if (candidate.Finish == FinishReason.Stop) ended++;
            candidateTokens += candidate.Tokens.Length;
        }

        foreach (PairRow pair in set.Pairs)
        {
            pairs++;
            margins += pair.Margin;
            chosenTokens += drawn[pair.Chosen].Tokens.Length;
            rejectedTokens += drawn[pair.Rejected].Tokens.Length;
        }
    }

    /// <summary>The round's figures.</summary>
    public Dictionary<string, double> Metrics()
    {
        Dictionary<string, double> metrics = new()
        {
            [RoundMetrics.Prompts] = prompts,
            [RoundMetrics.Pairs] = pairs,
        };
        if (matches > 0)
        {
            metrics[RoundMetrics.Matches] = matches;
            RoundMetrics.Add(metrics, health);
        }

        if (candidates > 0)
        {
            metrics[RoundMetrics.CandidateLength] = (double)candidateTokens / candidates;
            metrics[RoundMetrics.ContainsEos] = (double)ended / candidates;
        }

        if (pairs > 0)
        {
            metrics[RoundMetrics.ChosenLength] = (double)chosenTokens / pairs;
            metrics[RoundMetrics.RejectedLength] = (double)rejectedTokens / pairs;
            if (judged) metrics[RoundMetrics.PairMargin] = margins / pairs;
        }

        return metrics;
    }

    private static JudgedMatch Judged(
        MatchRow match, VerdictKey key, IReadOnlyList<CompletionRow> drawn, IReadOnlyDictionary<VerdictKey, Verdict> verdicts) => new(
        match.A, match.B, key.IsCanonical ? verdicts[key] : verdicts[key.ToCanonical()].Swap(), drawn[match.A].Tokens.Length, drawn[match.B].Tokens.Length);
}
