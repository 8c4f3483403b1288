using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Tournaments;

namespace OrleansAlign.Core.Runs;

/// <summary>Explains figures of a run that indicate a problem, each with a remedy.</summary>
public static class Diagnosis
{
    /// <summary>Value of the sigmoid preference loss before any learning (ln 2), and the distance within which a loss counts as this value.</summary>
    private const double NothingLearnt = 0.693147, Near = 0.005;

    /// <summary>Smallest fall of both log-probs within a round, in nats, that is reported.</summary>
    private const double Fall = 2;

    /// <summary>Smallest growth of candidates' length over a run, as a factor, that is reported.</summary>
    private const double Growth = 1.5;

    /// <summary>Smallest share of candidates ending by themselves that is not reported.</summary>
    private const double EnoughEnd = 0.8;

    private const string NoPair = "no pair came of any prompt, so nothing was trained";

    /// <summary>One sentence for each problem, with its remedy.</summary>
    public static IEnumerable<string> Of(Recipe recipe, IReadOnlyList<RoundRow> rounds)
    {
        foreach (RoundRow round in rounds)
        {
            string name = round.Round > 0 ? $"{round.Kind}, round {round.Round}" : round.Kind;
            foreach (string sentence in OfRound(recipe, round)) yield return $"{name}: {sentence}";
        }

        RoundRow[] judged = [.. rounds.Where(r => r.Metrics.ContainsKey(RoundMetrics.CandidateLength))];
        if (judged.Length < 2) yield break;
        double first = judged[0].Metrics[RoundMetrics.CandidateLength], last = judged[^1].Metrics[RoundMetrics.CandidateLength];
        if (last > Growth * first)
        {
            yield return $"responses grew from {first:F1} to {last:F1} tokens; "
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
                    $"{NoPair}: all matches were ties, invalid, or below pairing's minimum-margin ({margin}); lower it, or train the judge longer",
                Decision.ByScores { Pairing.MinimumMargin: var margin } =>
                    $"{NoPair}: scores were equal, unreadable, or closer than pairing's minimum-margin ({margin}); lower it, or draw more candidates",
                _ => $"{NoPair}: in every row all answers are the same",
            };
        }
        else if (unchanged)
        {
            yield return $"the weights did not change in any step; raise learning-rate ({options.LearningRate})";
        }
        else if (m.GetValueOrDefault("logps/chosen_change") < -Fall && m.GetValueOrDefault("logps/rejected_change") < -Fall)
        {
            yield return $"log-probs of chosen and rejected both fell ({m["logps/chosen_change"]:F1} and {m["logps/rejected_change"]:F1} nats), "
                + $"so probability went to answers that nobody preferred; lower learning-rate ({options.LearningRate}), "
                + $"or raise loss.sft-weight ({options.TrainedBy.SftWeight})";
        }
        else if (options.TrainedBy.Kind == Models.Losses.PreferenceLossKind.Sigmoid
            && Math.Abs(m.GetValueOrDefault("loss/preference") - NothingLearnt) < Near)
        {
            yield return "the preference loss stayed at ln 2, so nothing was learnt from the pairs; "
                + $"raise learning-rate ({options.LearningRate}) or take more steps";
        }

        if (m.TryGetValue(RoundMetrics.ContainsEos, out double ended) && ended < EnoughEnd)
        {
            yield return $"only {100 * ended:F0} % of candidates ended by themselves; raise sampling.max-new-tokens ({options.DrawnBy.MaxNewTokens}), "
                + "or check that demonstrations end with the end-of-turn token";
        }

        foreach (string concern in RoundMetrics.HealthOf(m).Concerns()) yield return concern;
    }
}
