using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Tournaments;

namespace OrleansAlign.Core.Runs;

/// <summary>Says in words what a run's figures mean when they mean trouble.</summary>
public static class Diagnosis
{
    /// <summary>Loss of a sigmoid preference loss that has learnt nothing, and how near counts.</summary>
    private const double NothingLearnt = 0.693147, Near = 0.005;

    /// <summary>Fall of both log-probs within a round, in nats, that counts as one.</summary>
    private const double Fall = 2;

    /// <summary>Growth of candidates' length over a run, as a factor, that counts as one.</summary>
    private const double Growth = 1.5;

    /// <summary>Share of candidates that must end by themselves.</summary>
    private const double EnoughEnd = 0.8;

    /// <summary>Everything that gives cause for concern, one sentence each, with its remedy.</summary>
    public static IEnumerable<string> Of(Recipe recipe, IReadOnlyList<RoundRow> rounds)
    {
        foreach (RoundRow round in rounds)
        {
            foreach (string sentence in OfRound(recipe, round)) yield return round.Round > 0 ? $"{round.Kind}, round {round.Round}: {sentence}" : $"{round.Kind}: {sentence}";
        }

        RoundRow[] judged = [.. rounds.Where(r => r.Metrics.ContainsKey(RoundMetrics.CandidateLength))];
        if (judged.Length > 1 && judged[^1].Metrics[RoundMetrics.CandidateLength] > Growth * judged[0].Metrics[RoundMetrics.CandidateLength])
        {
            yield return $"responses grew from {judged[0].Metrics[RoundMetrics.CandidateLength]:F1} to {judged[^1].Metrics[RoundMetrics.CandidateLength]:F1} tokens; "
                + "look whether the judge prefers length (longer wins), and raise beta or judge.margin-for-tie if it does";
        }
    }

    private static IEnumerable<string> OfRound(Recipe recipe, RoundRow round)
    {
        IReadOnlyDictionary<string, double> m = round.Metrics;
        if (round.Stage < 0 || round.Stage >= recipe.Stages.Count) yield break;
        bool unchanged = round.PolicyBefore == round.PolicyAfter;
        if (recipe.Stages[round.Stage] is not PreferenceOptions options)
        {
            if (unchanged) yield return "the weights did not change in any step; raise learning-rate, or look whether all rows are alike";
            yield break;
        }

        if (m.GetValueOrDefault(RoundMetrics.Pairs) == 0)
        {
            yield return options.Decision switch
            {
                Decision.ByBracket { Pairing.MinimumMargin: var margin } =>
                    $"no pair came of any prompt, so nothing was trained: all matches were ties, invalid, or below pairing's minimum-margin ({margin}); lower it, or train the judge longer",
                Decision.ByScores { Pairing.MinimumMargin: var margin } =>
                    $"no pair came of any prompt, so nothing was trained: scores were equal, unreadable, or closer than pairing's minimum-margin ({margin}); lower it, or draw more candidates",
                _ => "no pair came of any prompt, so nothing was trained: in every row all answers are the same",
            };
        }
        else if (unchanged)
        {
            yield return $"the weights did not change in any step; raise learning-rate ({options.LearningRate})";
        }
        else if (m.GetValueOrDefault("logps/chosen_change") < -Fall && m.GetValueOrDefault("logps/rejected_change") < -Fall)
        {
            yield return $"log-probs of chosen and rejected both fell ({m["logps/chosen_change"]:F1} and {m["logps/rejected_change"]:F1} nats), "
                + $"so probability went to answers that nobody preferred; lower learning-rate ({options.LearningRate}), or raise loss.sft-weight ({options.TrainedBy.SftWeight})";
        }
        else if (options.TrainedBy.Kind == Models.Losses.PreferenceLossKind.Sigmoid && Math.Abs(m.GetValueOrDefault("loss/preference") - NothingLearnt) < Near)
        {
            yield return $"the preference loss stayed at ln 2, so nothing was learnt from the pairs; raise learning-rate ({options.LearningRate}) or take more steps";
        }

        if (m.TryGetValue(RoundMetrics.ContainsEos, out double ended) && ended < EnoughEnd)
        {
            yield return $"only {100 * ended:F0} % of candidates ended by themselves; raise sampling.max-new-tokens ({options.DrawnBy.MaxNewTokens}), or check that demonstrations end with the end-of-turn token";
        }

        foreach (string concern in RoundMetrics.HealthOf(m).Concerns()) yield return concern;
    }
}
