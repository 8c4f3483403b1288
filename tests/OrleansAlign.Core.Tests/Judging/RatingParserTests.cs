using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using OrleansAlign.Core.Judging;

namespace OrleansAlign.Core.Tests.Judging;

public class RatingParserTests
{
    private static readonly RatingParser Parser = new();

    [Theory]
    [InlineData("4", 4)]
    [InlineData(" 4.5\n", 4.5)]
    [InlineData("4.5/5", 4.5)]
    [InlineData("Score: 3", 3)]
    [InlineData("It is fine.\nScore: 3.", 3)]
    [InlineData("It is fine. score: 2 because it is short", 2)]
    [InlineData("**Score:** 4", 4)]
    [InlineData("**Score: 4**", 4)]
    [InlineData("Total score is 3 out of 5.", 3)]
    [InlineData("Score = 2.25 / 5", 2.25)]
    [InlineData("First I thought Score: 1, then\nScore: 5", 5)]
    [InlineData("Score: 0", 0)]
    [InlineData("SCORE:\n4", 4)]
    [InlineData("Score: 4 - good", 4)]
    [InlineData("Score: 5! It has 3 merits.", 5)]
    public void Scores_are_read(string output, double expected) => Assert.Equal(new Rating.Scored(expected), Parser.Parse(output));

    [Theory]
    [InlineData("")]
    [InlineData("I like it.")]
    [InlineData("I give it 4 points")]
    [InlineData("Score: N")]
    [InlineData("Score: 6")]
    [InlineData("Score: -1")]
    [InlineData("Score: 4,5")]
    [InlineData("Score: 4-5")]
    [InlineData("Score: 4.5.6")]
    [InlineData("Score: 1e0")]
    [InlineData("Score: 4x")]
    [InlineData("Score: 80%")]
    [InlineData("Score: 4/10")]
    [InlineData("Score: ٤")]
    [InlineData("Score: NaN")]
    [InlineData("NaN")]
    [InlineData("Score: 5 and then Score: 9")]
    [InlineData("underscore 4 4")]
    [InlineData("Score: 999999999999999999999999999999999999999999")]
    public void What_is_no_score_on_the_scale_is_unparsable(string output) =>
        Assert.False(string.IsNullOrEmpty(Assert.IsType<Rating.Unparsable>(Parser.Parse(output)).Reason));

    [Fact]
    public void Scores_round_trip() => Prop.ForAll(Gen.Choose(0, 50_000).Select(i => i / 10_000.0).ToArbitrary(), score =>
    {
        string text = score.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(new Rating.Scored(score), Parser.Parse(text));
        Assert.Equal(new Rating.Scored(score), Parser.Parse($"Some thoughts on 3 things.\nScore: {text}"));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_gives_a_rating_within_the_scale_or_a_reason() => Prop.ForAll<string?>(text =>
    {
        Rating rating = Parser.Parse("score " + text);
        Assert.True(rating is Rating.Scored { Value: >= 0 and <= 5 } or Rating.Unparsable);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_scale_is_an_option()
    {
        Assert.Equal(new Rating.Scored(9), (Parser with { Maximum = 10 }).Parse("Score: 9/10"));
        Assert.NotEmpty((Parser with { Minimum = 5 }).Problems());
    }
}
