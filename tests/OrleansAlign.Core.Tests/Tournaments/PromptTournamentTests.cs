using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Pairing;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Tests.Tournaments;

public sealed class PromptTournamentTests
{
    private static readonly IReadOnlyList<ChatMessage> Messages = [new("user", "Which is longest?")];

    [Fact]
    public async Task The_judge_is_asked_every_question_once()
    {
        var judge = new LengthJudge();
        PromptTournament[] tournaments = [Of(["a", "bb", "ccc", "dddd"], 1), Of(["a", "bb", "ccc", "dddd"], 2)];

        await Tournament.PlayAsync(tournaments, judge, CancellationToken.None);

        Assert.All(tournaments, t => Assert.Equal(3, t.Winner));
        Assert.Equal(judge.Asked.Distinct().Count(), judge.Asked.Count);
        Assert.Equal(6, judge.Asked.Count);
    }

    [Fact]
    public async Task Identical_responses_are_not_judged_and_make_no_pair()
    {
        var judge = new LengthJudge();
        PromptTournament tournament = Of(["aa", "aa", "aa"], 1);

        await Tournament.PlayAsync([tournament], judge, CancellationToken.None);

        Assert.Empty(judge.Asked);
        Assert.All(tournament.Matches(), m => Assert.Null(m.Key));
        Assert.Empty(tournament.Pairs(new PairingOptions { Rule = PairingRule.AllDecided }));
    }

    [Fact]
    public async Task A_verdict_reads_the_same_from_either_side()
    {
        var judge = new LengthJudge();
        PromptTournament tournament = Of(["a", "bb", "ccc", "dddd", "eeeee"], 3);

        await Tournament.PlayAsync([tournament], judge, CancellationToken.None);

        string[] responses = ["a", "bb", "ccc", "dddd", "eeeee"];
        Assert.Equal(10, tournament.Matches().Count);
        foreach (MatchRow match in tournament.Matches())
        {
            Assert.Equal(responses[match.A].Length > responses[match.B].Length ? Outcome.A : Outcome.B, match.Outcome);
            Assert.Equal(match.Outcome == Outcome.A, match.Margin > 0);
        }

        Assert.All(tournament.Pairs(new PairingOptions { Rule = PairingRule.AllDecided }), p => Assert.True(p.Chosen > p.Rejected));
    }

    [Theory]
    [InlineData(BracketFormat.SingleElimination)]
    [InlineData(BracketFormat.LosersBracket)]
    [InlineData(BracketFormat.RoundRobin)]
    [InlineData(BracketFormat.Swiss)]
    public async Task The_order_in_which_candidates_arrive_changes_nothing(BracketFormat format)
    {
        string[] responses = ["a", "bb", "ccc", "bb", "dddd", "eeeee", "a"];
        var whole = new PromptTournament(Messages, responses, format, 5, "length");
        await Tournament.PlayAsync([whole], new LengthJudge(), CancellationToken.None);

        for (ulong seed = 0; seed < 20; seed++)
        {
            var piecemeal = new PromptTournament(Messages, responses.Length, format, 5, "length");
            foreach (int candidate in CounterRandom.Permutation(seed, responses.Length))
            {
                piecemeal.Enter([(candidate, responses[candidate])]);
                await Tournament.PlayAsync([piecemeal], new LengthJudge(), CancellationToken.None);
            }

            Assert.True(piecemeal.IsComplete);
            Assert.Equal(whole.Winner, piecemeal.Winner);
            Assert.Equal(whole.Matches(), piecemeal.Matches());
        }
    }

    [Fact]
    public void The_first_match_can_be_played_when_two_candidates_are_there()
    {
        var tournament = new PromptTournament(Messages, 4, BracketFormat.RoundRobin, 5, "length");

        tournament.Enter([(2, "ccc")]);
        Assert.Empty(tournament.Pending());
        tournament.Enter([(0, "a")]);
        Assert.Single(tournament.Pending());
        Assert.False(tournament.IsComplete);
    }

    private static PromptTournament Of(string[] responses, ulong seed) => new(Messages, responses, BracketFormat.RoundRobin, seed, "length");

    private sealed class LengthJudge : IJudge
    {
        public List<(string, string)> Asked { get; } = [];

        public string Id => "length";

        public Task<IReadOnlyList<Verdict>> JudgeAsync(IReadOnlyList<JudgeQuestion> questions, CancellationToken cancel)
        {
            Asked.AddRange(questions.Select(q => (q.A, q.B)));
            return Task.FromResult<IReadOnlyList<Verdict>>([.. questions.Select(q =>
            {
                double a = q.A.Length / (double)(q.A.Length + q.B.Length);
                return new PairwiseRule().Decide([new PrincipleReading("length", new OrderReading(a, 1 - a), new OrderReading(1 - a, a))]);
            })]);
        }
    }
}
