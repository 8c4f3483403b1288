using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;

namespace OrleansAlign.Core.Tests.Runs;

public sealed class DiagnosisTests
{
    private static readonly Recipe Recipe = new()
    {
        Stages = [new SftOptions(), new SelfJudgeOptions { LearningRate = 5e-4 }],
    };

    [Fact]
    public void A_sound_round_gives_no_cause_for_concern() => Assert.Empty(Of(Round()));

    [Fact]
    public void Log_probs_that_fell_on_both_sides() =>
        Says("both fell below the reference's (-5.0 and -9.0 nats", Round(("rewards/chosen", -0.5), ("rewards/rejected", -0.9)));

    [Fact]
    public void Steps_on_other_pairs_with_lower_log_probs_are_no_fall() => Assert.Empty(Of(Round(
        ("logps/chosen", -80), ("logps/rejected", -90), ("rewards/chosen", -1e-6), ("rewards/rejected", -2e-6))));

    [Fact]
    public void Ratings_that_could_not_be_read() => Says(
        "30 of 300 ratings could not be read", Round((RoundMetrics.Ratings, 300), (RoundMetrics.Unreadable, 30)));

    [Fact]
    public void Questions_that_do_not_fit_are_neither_ties_nor_a_weak_judge()
    {
        string[] said = Of(new RoundRow(1, 1, "self-judge", "same", "same", new Dictionary<string, double>
        {
            [RoundMetrics.Pairs] = 0, ["judge/verdicts"] = 10, ["judge/invalids"] = 10,
            [RoundMetrics.QuestionsTooLong] = 10, [RoundMetrics.LongestQuestion] = 700,
        }));

        Assert.Equal(2, said.Length);
        Assert.Contains("no question got a valid verdict", said[0], StringComparison.Ordinal);
        Assert.Contains("10 of 10 questions did not fit the judge's context (the longest has 700 tokens)", said[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_verdicts_are_told_by_reason() => Says(
        "7 verdicts were invalid: the decision tokens got a mass of #", Round((RoundMetrics.InvalidPrefix + "the decision tokens got a mass of #", 7)));

    [Fact]
    public void A_fall_of_the_rejected_alone_is_what_training_is_for() => Assert.Empty(Of(Round(("rewards/chosen", 0.1), ("rewards/rejected", -0.9))));

    [Fact]
    public void A_loss_that_stayed_where_it_began() => Says("stayed at ln 2", Round(("loss/preference", 0.6931)));

    [Fact]
    public void A_round_without_pairs() => Says(
        "no pair came of any prompt, so nothing was trained",
        new RoundRow(1, 1, "self-judge", "same", "same", new Dictionary<string, double> { [RoundMetrics.Pairs] = 0 }));

    [Fact]
    public void Weights_that_did_not_change() =>
        Says("the weights did not change in any step", new RoundRow(0, 0, "sft", "same", "same", new Dictionary<string, double>()));

    [Fact]
    public void Candidates_that_do_not_end() => Says("only 42 % of candidates ended by themselves", Round((RoundMetrics.ContainsEos, 0.42)));

    [Fact]
    public void A_judge_that_reads_positions() => Says(
        "the judge says A whichever response stands first",
        Round(
            ("judge/verdicts", 100), ("judge/decided", 100), ("judge/both_orders", 100), ("judge/orders_decided", 200), ("judge/first_preferred", 200)));

    [Fact]
    public void Responses_that_only_grow() => Says(
        "responses grew from 10.0 to 20.0 tokens", Round((RoundMetrics.CandidateLength, 10)), Round((RoundMetrics.CandidateLength, 20)) with { Round = 2 });

    [Fact]
    public void Responses_that_grew_a_little_do_not_matter() =>
        Assert.Empty(Of(Round((RoundMetrics.CandidateLength, 10)), Round((RoundMetrics.CandidateLength, 14)) with { Round = 2 }));

    private static void Says(string part, params RoundRow[] rounds) => Assert.Contains(part, Assert.Single(Of(rounds)), StringComparison.Ordinal);

    private static string[] Of(params RoundRow[] rounds) => [.. Diagnosis.Of(Recipe, rounds)];

    private static RoundRow Round(params (string Name, double Value)[] metrics)
    {
        Dictionary<string, double> all = new() { [RoundMetrics.Pairs] = 100, ["loss/preference"] = 0.5 };
        foreach ((string name, double value) in metrics) all[name] = value;
        return new RoundRow(1, 1, "self-judge", "before", "after", all);
    }
}
