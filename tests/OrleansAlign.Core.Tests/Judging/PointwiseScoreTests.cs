using OrleansAlign.Core.Judging;

namespace OrleansAlign.Core.Tests.Judging;

public class PointwiseScoreTests
{
    private static readonly Rating None = new Rating.Unparsable("said nothing");

    [Fact]
    public void Invalid_judgements_are_skipped_in_the_average()
    {
        Assert.Equal(new Rating.Scored(3), PointwiseScore.Average([new Rating.Scored(2), None, new Rating.Scored(4)]));
        Assert.IsType<Rating.Unparsable>(PointwiseScore.Average([None, None]));
        Assert.IsType<Rating.Unparsable>(PointwiseScore.Average([]));
    }

    [Fact]
    public void The_average_does_not_depend_on_the_order_of_judgements()
    {
        Rating[] ratings = [new Rating.Scored(0.1), new Rating.Scored(0.7), new Rating.Scored(4.3), new Rating.Scored(0.2)];
        Assert.Equal(PointwiseScore.Average(ratings), PointwiseScore.Average([.. ratings.Reverse()]));
    }

    [Fact]
    public void Best_and_worst_are_found_among_those_that_have_a_score()
    {
        double[] scores = [1, 2, 4, 1, 4];
        Assert.Equal((3, 1), PointwiseScore.Extremes([None, .. scores.Select(s => new Rating.Scored(s))]));
    }

    [Fact]
    public void All_equal_or_fewer_than_two_give_no_pair()
    {
        Assert.Null(PointwiseScore.Extremes([new Rating.Scored(3), None, new Rating.Scored(3)]));
        Assert.Null(PointwiseScore.Extremes([None, new Rating.Scored(3)]));
        Assert.Null(PointwiseScore.Extremes([]));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_not_finite_is_never_a_score(double value)
    {
        Assert.IsType<Rating.Unparsable>(Rating.Of(value));
        Assert.Throws<ArgumentException>(() => new Rating.Scored(value));
        Assert.Equal(Outcome.Invalid, ScoreRule.Decide(value, 1).Outcome);
    }

    [Fact]
    public void Scores_compare_into_verdicts_that_swap_exactly()
    {
        foreach ((double a, double b) in new[] { (4.5, 3), (1, 1), (-2.25, 7.5), (1000, -1000) })
        {
            Verdict forward = ScoreRule.Decide(a, b), swapped = ScoreRule.Decide(b, a);
            Assert.Equal(a > b ? Outcome.A : a < b ? Outcome.B : Outcome.Tie, forward.Outcome);
            Assert.Equal((forward.Outcome.Swap(), forward.A, forward.Margin), (swapped.Outcome, swapped.B, -swapped.Margin));
        }

        Assert.Equal(Math.Tanh(0.75), ScoreRule.Decide(4.5, 3).Margin, 12);
        Assert.Equal(Outcome.Invalid, ScoreRule.Decide(new Rating.Scored(1), None).Outcome);
        Assert.Equal(Outcome.B, ScoreRule.Decide(new Rating.Scored(1), new Rating.Scored(2)).Outcome);
    }
}
