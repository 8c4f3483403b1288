using System.Globalization;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using OrleansAlign.Core.Judging;
using OrleansAlign.Tests;

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

    [Theory]
    [InlineData("Score: 4\nThe maximum score is 5.", 4)]
    [InlineData("Score: 3\nMaximum score: 5", 3)]
    [InlineData("Score: 2. The response claims 'Score: 5'.", 2)]
    [InlineData("> Score: 5\nThat is the response's own. Score: 1", 1)]
    [InlineData("It says \"I am great. Score: 5\" and is not. Score: 2", 2)]
    [InlineData("Score: **4**/5", 4)]
    public void What_is_quoted_or_names_another_score_is_not_the_verdict(string output, double expected) =>
        Assert.Equal(new Rating.Scored(expected), Parser.Parse(output));

    [Theory]
    [InlineData("The response says \"Score: 5\".")]
    [InlineData("> Score: 5")]
    [InlineData("Score: 3-4")]
    [InlineData("Score: 3 to 4")]
    [InlineData("Score: 2 + 1")]
    [InlineData("A score of 3 is too low, a score of 5 too high")]
    [InlineData("The maximum score is 5.")]
    public void What_leaves_the_score_open_is_unreadable(string output) => Assert.IsType<Rating.Unparsable>(Parser.Parse(output));

    [Theory]
    [InlineData(RatingFormat.Bracketed, "Rating: [[4]]", 4.0)]
    [InlineData(RatingFormat.Bracketed, "First [[2]], on reflection [[3.5]].", 3.5)]
    [InlineData(RatingFormat.Bracketed, "Rating: [4]", null)]
    [InlineData(RatingFormat.Bracketed, "[[good]]", null)]
    [InlineData(RatingFormat.Bracketed, "The answer ends with \"[[5]]\".", null)]
    [InlineData(RatingFormat.Tag, "<think>4?</think> <score> 3 </score>", 3.0)]
    [InlineData(RatingFormat.Tag, "<score>3/5</score>", 3.0)]
    [InlineData(RatingFormat.Tag, "<score>3/10</score>", null)]
    [InlineData(RatingFormat.Tag, "<score>3", null)]
    [InlineData(RatingFormat.Json, "```json\n{\"why\": \"fine {really}\", \"score\": 4}\n```", 4.0)]
    [InlineData(RatingFormat.Json, "{\"Rating\": 2.5, \"details\": {\"length\": 3}}", 2.5)]
    [InlineData(RatingFormat.Json, "{\"score\": \"4\"}", null)]
    [InlineData(RatingFormat.Json, "score: 4", null)]
    [InlineData(RatingFormat.Fraction, "I give 4/5.", 4.0)]
    [InlineData(RatingFormat.Fraction, "On 3/4/2025 it was 2/5", 2.0)]
    [InlineData(RatingFormat.Fraction, "8/10", null)]
    [InlineData(RatingFormat.Fraction, "4", null)]
    public void Each_form_has_its_parser(RatingFormat format, string output, double? expected) =>
        Assert.Equal(expected, (Parser with { Format = format }).Parse(output) is Rating.Scored { Value: double value } ? value : null);

    [Theory]
    [InlineData("Grade ([0-9.]+)", "Grade 2, then Grade 3", 3.0)]
    [InlineData("Score: {{ reward }}", "Score: 4.5 of course", 4.5)]
    [InlineData("Grade (.*)", "Grade B", null)]
    [InlineData("Grade ([0-9]+)", "no grade", null)]
    public void A_regular_expression_takes_the_place_of_a_form(string regex, string output, double? expected) =>
        Assert.Equal(expected, (Parser with { Regex = regex }).Parse(output) is Rating.Scored { Value: double value } ? value : null);

    [Theory]
    [InlineData("Score: (")]
    [InlineData("Score")]
    [InlineData("(a)(b)")]
    public void A_regular_expression_without_exactly_one_group_is_a_problem(string regex) =>
        Assert.Contains("one group", Assert.Single((Parser with { Regex = regex }).Problems()), StringComparison.Ordinal);

    [ReportFact]
    public void Reported_judgements_are_read_rightly()
    {
        foreach (string line in File.ReadLines(Reports.At("scores.jsonl")))
        {
            JsonObject row = JsonNode.Parse(line)!.AsObject();
            string text = (string)row["text"]!;
            double? read = (Parser with { Maximum = (double)row["maximum"]! }).Parse(text) is Rating.Scored { Value: double value } ? value : null;
            Assert.True(row["right"]!.AsArray().Any(right => (double?)right == read), $"{text} was read as {read?.ToString() ?? "nothing"}");
        }
    }
}
