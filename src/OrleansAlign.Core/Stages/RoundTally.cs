using System.Text.RegularExpressions;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Stages;

/// <summary>Adds up the figures of a round's tournaments; a resumed round has the same figures, since all rows are read from the ledger.</summary>
/// <param name="judged">Whether a judge decided; pairs that the data gives have no meaningful margin.</param>
internal sealed partial class RoundTally(bool judged)
{
    private JudgeHealth health = JudgeHealth.Empty;
    private long prompts, matches, pairs, candidates, ended, candidateTokens, chosenTokens, rejectedTokens;
    private long ratings, unreadable, tooLong, longestQuestion;
    private double margins;
    private readonly SortedDictionary<string, long> invalids = new(StringComparer.Ordinal);

    /// <summary>The first candidate without a readable rating; null if there is none.</summary>
    public CompletionRow? FirstUnreadable { get; private set; }

    /// <summary>Pairs so far.</summary>
    public long Pairs => pairs;

    /// <summary>Adds a prompt.</summary>
    /// <param name="drawn">Its candidates.</param>
    /// <param name="set">Its matches, scores and pairs.</param>
    /// <param name="verdicts">The verdicts of its matches, by canonical key.</param>
    public void Add(IReadOnlyList<CompletionRow> drawn, PairSetRow set, IReadOnlyDictionary<VerdictKey, Verdict> verdicts)
    {
        health = health.Add([.. set.Matches.Where(m => m.Key is not null).Select(m => Judged(m, m.Key!.Value, drawn, verdicts))]);
        foreach (string reason in set.Matches.Where(m => m.Key is not null).Select(m => verdicts[m.Key!.Value.ToCanonical()].Reason).OfType<string>())
        {
            if (UnaskedQuestion.LengthOf(reason) is not { } length)
            {
                string kind = RoundMetrics.InvalidPrefix + Figures().Replace(reason, "#");
                invalids[kind] = invalids.GetValueOrDefault(kind) + 1;
                continue;
            }

            tooLong++;
            longestQuestion = Math.Max(longestQuestion, length);
        }

        prompts++;
        ratings += set.Scores.Count;
        unreadable += set.Scores.Count(score => score is null);
        if (FirstUnreadable is null && set.Scores.Contains(null)) FirstUnreadable = drawn[set.Scores.ToList().IndexOf(null)];
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

        if (ratings > 0)
        {
            (metrics[RoundMetrics.Ratings], metrics[RoundMetrics.Unreadable]) = (ratings, unreadable);
            metrics[RoundMetrics.InvalidRate] = (double)unreadable / ratings;
        }

        if (tooLong > 0) (metrics[RoundMetrics.QuestionsTooLong], metrics[RoundMetrics.LongestQuestion]) = (tooLong, longestQuestion);
        foreach ((string reason, long count) in invalids) metrics[reason] = count;
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

    /// <summary>Figures in a reason, which would make every verdict's reason one of its own.</summary>
    [GeneratedRegex("[0-9]+([.,][0-9]+)*([Ee][-+]?[0-9]+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Figures();
}
