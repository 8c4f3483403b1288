namespace OrleansAlign.Core.Evaluation;

/// <summary>Names of an evaluation's figures.</summary>
public static class EvaluationMetrics
{
    /// <summary>Share of responses to held-out prompts that fulfil their check, and its 95 % interval (Wilson).</summary>
    public const string PassRate = "pass_rate", PassLow = "pass_rate_low", PassHigh = "pass_rate_high";

    /// <summary>Mean score of the responses by their check.</summary>
    public const string MeanScore = "mean_score";

    /// <summary>Number of responses checked.</summary>
    public const string Responses = "responses";

    /// <summary>Mean length of the responses, in tokens.</summary>
    public const string ResponseLength = "tokens/response_length_mean";

    /// <summary>Share of held-out pairs on which the judge names the labelled response; ties and invalid verdicts count as wrong,
    /// pairs that do not fit the judge's context are left out.</summary>
    public const string JudgeAccuracy = "judge_accuracy", JudgeLow = "judge_accuracy_low", JudgeHigh = "judge_accuracy_high";

    /// <summary>Held-out pairs that were not measured, since their question does not fit the judge's context; absent if all fit.</summary>
    public const string JudgePairsTooLong = "judge_pairs_too_long";

    /// <summary>Share of held-out pairs on which the two orders name different winners.</summary>
    public const string JudgeFlipRate = "judge_flip_rate";
}
