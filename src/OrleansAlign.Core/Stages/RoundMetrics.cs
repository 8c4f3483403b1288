using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Core.Stages;

/// <summary>Names of a round's figures, the field's usual names where they exist.</summary>
public static class RoundMetrics
{
    /// <summary>The loss, mean of the last tenth of the steps.</summary>
    public const string Loss = "loss";

    /// <summary>Gradient norm before clipping, mean of the last tenth of the steps.</summary>
    public const string GradientNorm = "grad_norm";

    /// <summary>Number of steps.</summary>
    public const string Steps = "steps";

    /// <summary>Number of rows trained on.</summary>
    public const string Rows = "rows";

    /// <summary>Number of prompts answered.</summary>
    public const string Prompts = "prompts";

    /// <summary>Number of preference pairs.</summary>
    public const string Pairs = "pairs";

    /// <summary>Number of matches, those between identical candidates included.</summary>
    public const string Matches = "matches";

    /// <summary>Share of verdicts whose two orders named different winners.</summary>
    public const string FlipRate = "judge/flip_rate";

    /// <summary>Share of verdicts that are ties.</summary>
    public const string TieRate = "judge/tie_rate";

    /// <summary>Single ratings wanted, and those of them that could not be read.</summary>
    public const string Ratings = "judge/ratings", Unreadable = "judge/unreadable";

    /// <summary>Verdicts whose question did not fit the judge's context, and the longest such question, in tokens; absent if all fit.</summary>
    public const string QuestionsTooLong = "judge/too_long", LongestQuestion = "judge/longest_question";

    /// <summary>Beginning of the names under which other invalid verdicts are counted by reason; figures in the reason are #.</summary>
    public const string InvalidPrefix = "judge/invalid: ";

    /// <summary>Share of verdicts that are invalid, or of single ratings that could not be read.</summary>
    public const string InvalidRate = "judge/invalid_rate";

    /// <summary>Share of decided verdicts, lengths being different, that the longer response won.</summary>
    public const string LongerWinsRate = "judge/longer_wins_rate";

    /// <summary>Share of decided triads that are cycles.</summary>
    public const string CycleRate = "judge/cycle_rate";

    /// <summary>Mean length of chosen responses, in tokens.</summary>
    public const string ChosenLength = "tokens/chosen_length_mean";

    /// <summary>Mean length of rejected responses, in tokens.</summary>
    public const string RejectedLength = "tokens/rejected_length_mean";

    /// <summary>Mean length of the candidates that were drawn, in tokens.</summary>
    public const string CandidateLength = "tokens/candidate_length_mean";

    /// <summary>Share of the drawn candidates that ended by themselves.</summary>
    public const string ContainsEos = "val/contain_eos_token";

    /// <summary>Implicit reward margin, mean of the last tenth of the steps.</summary>
    public const string RewardMargin = "rewards/margins";

    /// <summary>Mean judge's margin of the pairs, in [0, 1].</summary>
    public const string PairMargin = "judge/pair_margin_mean";

    /// <summary>Adds a judge's health: counts under <c>judge/</c>, and each rate that is defined.</summary>
    public static void Add(Dictionary<string, double> metrics, JudgeHealth health)
    {
        foreach ((string name, long count) in new[]
        {
            ("verdicts", health.Verdicts), ("decided", health.Decided), ("ties", health.Ties), ("invalids", health.Invalids),
            ("both_orders", health.BothOrders), ("flips", health.Flips), ("lengths_differ", health.LengthsDiffer), ("longer_wins", health.LongerWins),
            ("orders_decided", health.OrdersDecided), ("first_preferred", health.FirstPreferred), ("triads", health.Triads), ("cycles", health.Cycles),
        })
        {
            metrics["judge/" + name] = count;
        }

        foreach ((string name, long part, long whole) in new[]
        {
            (FlipRate, health.Flips, health.BothOrders), (TieRate, health.Ties, health.Verdicts), (InvalidRate, health.Invalids, health.Verdicts),
            (LongerWinsRate, health.LongerWins, health.LengthsDiffer), (CycleRate, health.Cycles, health.Triads),
        })
        {
            if (whole > 0) metrics[name] = (double)part / whole;
        }
    }

    /// <summary>A judge's health from the counts that <see cref="Add"/> wrote.</summary>
    public static JudgeHealth HealthOf(IReadOnlyDictionary<string, double> metrics)
    {
        return new JudgeHealth
        {
            Verdicts = Count("verdicts"), Decided = Count("decided"), Ties = Count("ties"), Invalids = Count("invalids"),
            BothOrders = Count("both_orders"), Flips = Count("flips"), LengthsDiffer = Count("lengths_differ"), LongerWins = Count("longer_wins"),
            OrdersDecided = Count("orders_decided"), FirstPreferred = Count("first_preferred"), Triads = Count("triads"), Cycles = Count("cycles"),
        };

        long Count(string name) => (long)metrics.GetValueOrDefault("judge/" + name);
    }

    /// <summary>Means over the last tenth of the steps.</summary>
    public static Dictionary<string, double> OfSteps(IReadOnlyList<StepRow> steps)
    {
        Dictionary<string, double> metrics = new() { [Steps] = steps.Count };
        if (steps.Count == 0) return metrics;
        int tenth = Math.Max(1, steps.Count / 10);
        IReadOnlyList<StepRow> last = [.. steps.Skip(steps.Count - tenth)];
        metrics[Loss] = last.Average(s => s.Report.Loss);
        metrics[GradientNorm] = last.Average(s => s.Report.GradientNorm);
        foreach (string name in last[0].Report.Metrics.Keys) metrics[name] = last.Average(s => s.Report.Metrics[name]);
        return metrics;
    }
}
