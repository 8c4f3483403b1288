using OrleansAlign.Core.Judging;
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

    /// <summary>Smallest fall of both log-probs below the reference's, in nats, that is reported.</summary>
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
            yield return $"{NoPair}: {WhyNoPair(options.Decision, m)}";
        }
        else if (unchanged)
        {
            yield return $"the weights did not change in any step; raise learning-rate ({options.LearningRate})";
        }
        else if (FallOf(options, m, "chosen") is var chosen and < -Fall && FallOf(options, m, "rejected") is var rejected and < -Fall)
        {
            yield return $"log-probs of chosen and rejected both fell below the reference's ({chosen:F1} and {rejected:F1} nats in the last steps), "
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

        if (m.TryGetValue(RoundMetrics.Unreadable, out double unreadable) && unreadable > 0)
        {
            yield return $"{unreadable:N0} of {m[RoundMetrics.Ratings]:N0} ratings could not be read; explain shows what the judge wrote instead. "
                + "Ask for another form (judge.reward.format), or train the judge to keep to it";
        }

        if (m.TryGetValue(RoundMetrics.QuestionsTooLong, out double tooLong))
        {
            yield return $"{tooLong:N0} of {m.GetValueOrDefault("judge/verdicts"):N0} questions did not fit the judge's context "
                + $"(the longest has {m[RoundMetrics.LongestQuestion]:N0} tokens); lower sampling.max-new-tokens, or give shorter prompts";
        }

        foreach ((string reason, double count) in m.Where(f => f.Key.StartsWith(RoundMetrics.InvalidPrefix, StringComparison.Ordinal)))
        {
            yield return $"{count:N0} verdicts were invalid: {reason[RoundMetrics.InvalidPrefix.Length..]}";
        }

        foreach (string concern in RoundMetrics.HealthOf(m).Concerns()) yield return concern;
    }

    /// <summary>
    /// How far the answers' log-probs stand from the reference's, in nats, mean of the last steps' pairs: each pair is compared with its own reference. 0 for a
    /// loss without one.
    /// </summary>
    private static double FallOf(PreferenceOptions options, IReadOnlyDictionary<string, double> metrics, string which)
    {
        if (!options.TrainedBy.NeedsReference) return 0;
        double perPair = metrics.GetValueOrDefault($"rewards/{which}") / options.TrainedBy.Beta;
        return options.TrainedBy.AverageLogProbs ? perPair * metrics.GetValueOrDefault($"tokens/{which}_length") : perPair;
    }

    private static string WhyNoPair(Decision decision, IReadOnlyDictionary<string, double> metrics)
    {
        JudgeHealth health = RoundMetrics.HealthOf(metrics);
        double unreadable = metrics.GetValueOrDefault(RoundMetrics.Unreadable), ratings = metrics.GetValueOrDefault(RoundMetrics.Ratings);
        return decision switch
        {
            Decision.ByBracket when health.Verdicts == 0 => "all candidates of each prompt are the same; raise sampling.temperature",
            Decision.ByBracket when health.Invalids == health.Verdicts => "no question got a valid verdict",
            Decision.ByBracket when health.Ties + health.Invalids == health.Verdicts =>
                $"{health.Ties:N0} of {health.Verdicts:N0} verdicts were ties; train the judge longer, or lower judge.margin-for-tie",
            Decision.ByBracket { Pairing.MinimumMargin: var margin } =>
                $"no decided match reached pairing's minimum-margin ({margin}); lower it, or train the judge longer",
            Decision.ByScores when ratings > 0 && unreadable == ratings => "no rating could be read",
            Decision.ByScores { Pairing.MinimumMargin: var margin } =>
                $"the readable scores of each prompt were equal or closer than pairing's minimum-margin ({margin}); lower it, or draw more candidates",
            _ => "in every row all answers are the same",
        };
    }
}
