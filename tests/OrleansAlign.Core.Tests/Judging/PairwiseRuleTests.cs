using FsCheck;
using FsCheck.Fluent;
using OrleansAlign.Core.Judging;
using Outcome = OrleansAlign.Core.Judging.Outcome;

namespace OrleansAlign.Core.Tests.Judging;

public class PairwiseRuleTests
{
    private static readonly PairwiseRule Rule = new();

    [Fact]
    public void Worked_numbers_of_one_principle()
    {
        Verdict verdict = Rule.Decide([Reading("overall", (0.5, 0.25), (0.125, 0.75))]);
        Assert.Equal(Outcome.A, verdict.Outcome);
        Assert.Equal(0.625, verdict.A);
        Assert.Equal(0.1875, verdict.B);
        Assert.Equal(0.4375 / 0.8125, verdict.Margin);
        Assert.Equal(verdict.Margin, verdict.Confidence);
        Assert.False(verdict.Flipped);
    }

    [Fact]
    public void The_majority_of_principles_outvotes_the_mean_and_is_then_not_confident()
    {
        Verdict verdict = Rule.Decide(
            [Reading("x", (0.5, 0.45), (0.45, 0.5)), Reading("y", (0.5, 0.45), (0.45, 0.5)), Reading("z", (0, 0.9), (0.9, 0))]);
        Assert.Equal(Outcome.A, verdict.Outcome);
        Assert.True(verdict.Margin < 0);
        Assert.Equal(0, verdict.Confidence);
        Assert.Equal(Outcome.Tie, (Rule with { MarginForTie = 0.01 }).Decide(verdict.Readings).Outcome);
    }

    [Fact]
    public void A_split_is_decided_by_the_means()
    {
        Verdict verdict = Rule.Decide([Reading("x", (0.5, 0.45), (0.45, 0.5)), Reading("y", (0, 0.9), (0.9, 0))]);
        Assert.Equal(Outcome.B, verdict.Outcome);
        Assert.True(verdict.Confidence > 0);
    }

    [Fact]
    public void A_judge_that_always_says_A_ties_and_flips()
    {
        Verdict verdict = Rule.Decide([Reading("overall", (0.9, 0.1), (0.9, 0.1))]);
        Assert.Equal(Outcome.Tie, verdict.Outcome);
        Assert.Equal(0, verdict.Margin);
        Assert.True(verdict.Flipped);
    }

    [Fact]
    public void A_margin_below_the_limit_is_a_tie_and_one_at_it_is_not()
    {
        PrincipleReading[] readings = [Reading("overall", (0.75, 0.25), (0.25, 0.75))];
        Assert.Equal(0.5, Rule.Decide(readings).Margin);
        Assert.Equal(Outcome.A, (Rule with { MarginForTie = 0.5 }).Decide(readings).Outcome);
        Assert.Equal(Outcome.Tie, (Rule with { MarginForTie = 0.50001 }).Decide(readings).Outcome);
    }

    [Theory]
    [InlineData(double.NaN, 0.1)]
    [InlineData(-0.1, 0.1)]
    [InlineData(0.1, double.PositiveInfinity)]
    [InlineData(0.9, 0.9)]
    [InlineData(0, 0)]
    [InlineData(1e-6, 2e-6)]
    public void What_is_no_probability_or_hardly_any_is_invalid_with_a_reason(double a, double b)
    {
        Verdict verdict = Rule.Decide([Reading("good", (a, b), (b, a))]);
        Assert.Equal(Outcome.Invalid, verdict.Outcome);
        Assert.Equal(0, verdict.Margin);
        Assert.NotNull(verdict.Reason);
    }

    [Fact]
    public void No_mass_at_all_is_invalid_even_if_none_is_asked_for() =>
        Assert.Equal(Outcome.Invalid, (Rule with { MinimumMass = 0 }).Decide([Reading("good", (0, 0), (0, 0))]).Outcome);

    [Fact]
    public void Nothing_read_is_invalid() => Assert.Equal(Outcome.Invalid, Rule.Decide([]).Outcome);

    [Fact]
    public void Swapping_the_responses_swaps_the_verdict_to_the_bit() => Prop.ForAll(Readings(), readings =>
    {
        Verdict forward = Rule.Decide(readings), swapped = Rule.Decide([.. readings.Select(r => r.Swap())]);
        Assert.Equal(forward.Outcome.Swap(), swapped.Outcome);
        Assert.Equal(forward.A, swapped.B);
        Assert.Equal(forward.B, swapped.A);
        Assert.Equal(forward.Margin, -swapped.Margin);
        Assert.Equal(forward.Flipped, swapped.Flipped);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Permuting_the_principles_changes_nothing_to_the_bit() => Prop.ForAll(Readings(), readings =>
    {
        Verdict verdict = Rule.Decide(readings);
        Assert.Equal(verdict, Rule.Decide([.. readings.Reverse()]));
        Assert.Equal(verdict, Rule.Decide([.. readings.Skip(1), readings[0]]));
        // Nor does it matter which principle said what: only the values are summed.
        Verdict renamed = Rule.Decide([.. readings.Select((r, i) => r with { Principle = $"{readings.Length - i:00}" })]);
        Assert.Equal((verdict.A, verdict.B, verdict.Margin), (renamed.A, renamed.B, renamed.Margin));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_text_that_enters_a_judges_id_stays_as_it_is() => Assert.Equal(
        "PairwiseRule { MarginForTie = 0.1, MinimumMass = 0.01, Combination = MajorityThenMean }",
        new PairwiseRule { MarginForTie = 0.1, MinimumMass = 0.01 }.ToString());

    [Fact]
    public void Options_out_of_range_are_named()
    {
        Assert.Empty(new PairwiseRule().Problems());
        Assert.Equal(2, new PairwiseRule { MarginForTie = double.NaN, MinimumMass = 1 }.Problems().Count());
    }

    private static Arbitrary<PrincipleReading[]> Readings()
    {
        Gen<double> share = Gen.Choose(0, 1_000_003).Select(i => i / 1_000_003.0);
        Gen<OrderReading> order = share.SelectMany(a => share.Select(b => new OrderReading(a, (1 - a) * b)));
        Gen<(OrderReading, OrderReading)> both = order.SelectMany(f => order.Select(s => (f, s)));
        return both.ArrayOf().Where(all => all.Length is > 0 and < 50)
            .Select(all => all.Select((r, i) => new PrincipleReading($"p{i:00}", r.Item1, r.Item2)).ToArray()).ToArbitrary();
    }

    private static PrincipleReading Reading(string principle, (double A, double B) forward, (double A, double B) swapped) =>
        new(principle, new OrderReading(forward.A, forward.B), new OrderReading(swapped.A, swapped.B));
}
