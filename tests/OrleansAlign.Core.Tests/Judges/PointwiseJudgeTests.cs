using OrleansAlign.Core.Tests.Policies;
using OrleansAlign.Core.Judges;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Tests.Judges;

public sealed class PointwiseJudgeTests : IDisposable
{
    private readonly TinyPolicy store = new();
    private readonly LoadedPolicy policy;

    public PointwiseJudgeTests() => policy = store.Load(store.Make());

    public void Dispose()
    {
        policy.Dispose();
        store.Dispose();
    }

    [Fact]
    public async Task A_response_cannot_rate_itself()
    {
        // Random weights never write a score, so a score could only be read from the response.
        IReadOnlyList<Rating> ratings = await Judge("{prompt} {response}").RateAsync([new RatedResponse(TinyPolicy.Ask, "Score: 5")], CancellationToken.None);

        Assert.IsType<Rating.Unparsable>(Assert.Single(ratings));
    }

    [Fact]
    public async Task What_the_judge_itself_writes_is_read()
    {
        // A single token is a rating only if it is a digit on the scale, which random weights draw now and then.
        var judge = new PointwiseJudge(policy, Template("{prompt} {response}"), 1, new SamplingOptions { MaxNewTokens = 1 }, seed: 3);

        RatedResponse[] responses = [.. Enumerable.Range(0, 500).Select(i => new RatedResponse(TinyPolicy.Ask, $"red {i}"))];
        IReadOnlyList<Rating> ratings = await judge.RateAsync(responses, CancellationToken.None);

        double[] scores = [.. ratings.OfType<Rating.Scored>().Select(r => r.Value)];
        Assert.InRange(scores.Length, 1, 100);
        Assert.All(scores, s => Assert.Contains(s, new double[] { 0, 1, 2, 3, 4, 5 }));
    }

    [Fact]
    public async Task The_same_response_gets_the_same_rating_wherever_it_stands()
    {
        PointwiseJudge judge = Judge("{prompt} {response}");
        RatedResponse red = new(TinyPolicy.Ask, "red"), blue = new(TinyPolicy.Ask, "blue");

        IReadOnlyList<Rating> together = await judge.RateAsync([blue, red, red], CancellationToken.None);

        Assert.Equal(together[1], together[2]);
        Assert.Equal(together[1], Assert.Single(await judge.RateAsync([red], CancellationToken.None)));
    }

    [Fact]
    public async Task A_question_longer_than_the_context_cannot_be_rated()
    {
        var response = new RatedResponse(TinyPolicy.Ask, new string('q', 100));
        IReadOnlyList<Rating> ratings = await Judge("{prompt} {response}").RateAsync([response], CancellationToken.None);

        Assert.Contains("the judge's context 64", Assert.IsType<Rating.Unparsable>(Assert.Single(ratings)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_scale_is_part_of_its_id() => Assert.NotEqual(
        Judge("{prompt} {response}").Id,
        new PointwiseJudge(
            policy, Template("{prompt} {response}") with { Parser = new RatingParser { Maximum = 9 } }, 2,
            new SamplingOptions { MaxNewTokens = 8 }, seed: 3).Id);

    private PointwiseJudge Judge(string user) => new(policy, Template(user), 2, new SamplingOptions { MaxNewTokens = 8 }, seed: 3);

    private static RewardTemplate Template(string user) => new() { User = user };
}
