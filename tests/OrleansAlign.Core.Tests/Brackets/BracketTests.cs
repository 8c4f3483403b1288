using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Text;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Tests.Brackets;

public class BracketTests
{
    public static TheoryData<BracketFormat> Formats => [.. Tournament.Formats];

    [Theory]
    [InlineData(BracketFormat.SingleElimination, 7)]
    [InlineData(BracketFormat.LosersBracket, 10)]
    [InlineData(BracketFormat.Swiss, 12)]
    [InlineData(BracketFormat.RoundRobin, 28)]
    public void Eight_candidates_play_as_many_matches_as_in_the_table_of_formats(BracketFormat format, int matches)
    {
        Assert.Equal(matches, MatchCount(format, 8));
        Assert.Equal(matches, Tournament.Play(Bracket.Create(format, 8, 1), Tournament.Oracle(Strengths(8, 2))).Decided.Count);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_transitive_oracles_best_always_wins_in_the_promised_number_of_matches(BracketFormat format)
    {
        for (int n = 1; n <= 33; n++)
        {
            for (ulong seed = 0; seed < 8; seed++)
            {
                double[] strength = Strengths(n, seed + 100);
                Bracket bracket = Tournament.Play(Bracket.Create(format, n, seed), Tournament.Oracle(strength));
                int best = Array.IndexOf(strength, strength.Max());
                Assert.Equal(best, bracket.Winner);
                Assert.Equal([best], bracket.Ranking[0]);
                Assert.Equal(MatchCount(format, n), bracket.Decided.Count);
                Assert.Equal(Enumerable.Range(0, n), bracket.Ranking.SelectMany(t => t).Order());
                Assert.Equal(bracket.Decided.Count, bracket.Decided.Select(d => d.Match.Id).Distinct().Count());
            }
        }
    }

    [Fact]
    public void Knockouts_and_swiss_take_the_logarithm_of_n_rounds()
    {
        for (int n = 2; n <= 40; n++)
        {
            int rounds = (int)Math.Ceiling(Math.Log2(n));
            foreach (BracketFormat format in (BracketFormat[])[BracketFormat.SingleElimination, BracketFormat.LosersBracket, BracketFormat.Swiss])
            {
                Bracket bracket = Tournament.Play(Bracket.Create(format, n, 5), Tournament.Oracle(Strengths(n, 6)));
                Assert.Equal(rounds, bracket.Decided.Where(d => d.Match.Part == BracketPart.Main).Max(d => d.Match.Round));
            }
        }
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(8, 10)]
    [InlineData(16, 22)]
    [InlineData(32, 46)]
    public void A_losers_bracket_of_a_power_of_two_takes_one_and_a_half_n_less_two(int n, int matches)
    {
        Assert.Equal((3 * n / 2) - 2, matches);
        Assert.Equal(matches, MatchCount(BracketFormat.LosersBracket, n));
    }

    [Fact]
    public void The_losers_bracket_finds_the_worst_of_those_that_played_in_round_one()
    {
        for (int n = 2; n <= 33; n++)
        {
            for (ulong seed = 0; seed < 10; seed++)
            {
                double[] strength = Strengths(n, seed);
                Bracket bracket = Tournament.Play(Bracket.Create(BracketFormat.LosersBracket, n, seed), Tournament.Oracle(strength));
                int worst = bracket.Decided.Where(d => d.Match is { Part: BracketPart.Main, Round: 1 }).SelectMany(d => (int[])[d.Match.A, d.Match.B])
                    .MinBy(i => strength[i]);
                Assert.Equal([worst], bracket.Ranking[^1]);
            }
        }
    }

    [Fact]
    public void A_round_robin_ranks_as_a_transitive_oracle_does()
    {
        double[] strength = Strengths(9, 4);
        Bracket bracket = Tournament.Play(Bracket.Create(BracketFormat.RoundRobin, 9, 1), Tournament.Oracle(strength));
        Assert.Equal(Enumerable.Range(0, 9).OrderByDescending(i => strength[i]), bracket.Ranking.Select(t => Assert.Single(t)));
    }

    [Fact]
    public void Swiss_never_repeats_a_match_where_it_can_be_avoided()
    {
        for (int n = 4; n <= 32; n++)
        {
            for (ulong seed = 0; seed < 10; seed++)
            {
                Bracket bracket = Tournament.Play(Bracket.Create(BracketFormat.Swiss, n, seed), Noise(seed));
                int different = bracket.Decided.Select(d => (Math.Min(d.Match.A, d.Match.B), Math.Max(d.Match.A, d.Match.B))).Distinct().Count();
                // Of five, two rest in turn and the leaders meet: the other two may be left to meet again.
                Assert.True(different == bracket.Decided.Count || n == 5);
                foreach (IGrouping<int, DecidedMatch> round in bracket.Decided.GroupBy(d => d.Match.Round))
                    Assert.Equal(n / 2 * 2, round.SelectMany(d => (int[])[d.Match.A, d.Match.B]).Distinct().Count());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_order_in_which_results_arrive_changes_nothing(BracketFormat format)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            int n = 2 + CounterRandom.Integer(seed, 0, 12);
            Bracket start = Bracket.Create(format, n, seed), waves = Tournament.Play(start, Noise(seed));
            ulong draw = 0;
            Bracket singly = Tournament.PlaySingly(start, Noise(seed), count => CounterRandom.Integer(seed + 77, draw++, count));
            Bracket backwards = start.Advance(waves.Results.Reverse());
            foreach (Bracket other in (Bracket[])[singly, backwards])
            {
                Assert.Equal(waves.Decided, other.Decided);
                Assert.Equal(waves.Winner, other.Winner);
                Assert.Equal(waves.Ranking.SelectMany(t => t), other.Ranking.SelectMany(t => t));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_same_seed_draws_the_same_bracket_and_another_seed_another(BracketFormat format)
    {
        Assert.Equal(Bracket.Create(format, 8, 3).Pending, Bracket.Create(format, 8, 3).Pending);
        if (format != BracketFormat.RoundRobin) Assert.NotEqual(Bracket.Create(format, 8, 3).Pending, Bracket.Create(format, 8, 4).Pending);
    }

    [Fact]
    public void A_match_is_pending_as_soon_as_both_sides_are_known()
    {
        Bracket bracket = Bracket.Create(BracketFormat.SingleElimination, 8, 9);
        Assert.Equal(4, bracket.Pending.Count);
        // Some two of the four first matches feed the same second one; the others need not be over for it to begin.
        bool early = false;
        for (int i = 0; i < 4; i++)
        {
            for (int j = i + 1; j < 4; j++)
            {
                Bracket two = bracket.Advance(bracket.Pending[i].Id, new(Outcome.A, 1)).Advance(bracket.Pending[j].Id, new(Outcome.B, -1));
                early |= two.Pending.Any(m => m.Round == 2);
            }
        }

        Assert.True(early);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void One_candidate_plays_nothing_and_none_is_an_error(BracketFormat format)
    {
        Bracket one = Bracket.Create(format, 1, 0);
        Assert.True(one.IsComplete);
        Assert.Equal(0, one.Winner);
        Assert.Empty(one.Pending);
        Assert.Empty(one.Decided);
        Assert.Throws<ArgumentException>(() => Bracket.Create(format, 0, 0));
    }

    [Fact]
    public void A_result_may_be_given_again_but_not_contradicted()
    {
        Bracket bracket = Bracket.Create(BracketFormat.SingleElimination, 4, 1);
        string id = bracket.Pending[0].Id;
        Bracket next = bracket.Advance(id, new(Outcome.A, 0.5));
        Assert.Same(next, next.Advance(id, new(Outcome.A, 0.5)));
        Assert.Contains(id, Assert.Throws<ArgumentException>(() => next.Advance(id, new(Outcome.B, -0.5))).Message, StringComparison.Ordinal);
        Assert.Equal(2, bracket.Pending.Count);
    }

    [Theory]
    [InlineData("main-9-9")]
    [InlineData("main-2-0")]
    [InlineData("")]
    public void A_result_for_no_match_that_can_be_decided_is_an_error(string id) => Assert.Throws<ArgumentException>(
        () => Bracket.Create(BracketFormat.SingleElimination, 4, 1).Advance(id, new(Outcome.A, 0.5)));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(1.5)]
    public void A_margin_that_is_none_is_an_error(double margin)
    {
        Bracket bracket = Bracket.Create(BracketFormat.SingleElimination, 2, 1);
        Assert.Throws<ArgumentException>(() => bracket.Advance(bracket.Pending[0].Id, new(Outcome.A, margin)));
    }

    [Theory]
    [InlineData(Outcome.Tie)]
    [InlineData(Outcome.Invalid)]
    public void Ties_and_invalid_verdicts_advance_by_a_coin_that_the_match_and_the_seed_decide(Outcome outcome)
    {
        int firstSide = 0;
        for (ulong seed = 0; seed < 200; seed++)
        {
            Bracket bracket = Tournament.Play(Bracket.Create(BracketFormat.SingleElimination, 2, seed), _ => new(outcome, 0));
            DecidedMatch match = Assert.Single(bracket.Decided);
            Assert.Equal(Advancement.Coin, match.Advancement);
            Assert.Equal(match.Winner, Tournament.Play(Bracket.Create(BracketFormat.SingleElimination, 2, seed), _ => new(outcome, 0)).Winner);
            if (match.Winner == match.Match.A) firstSide++;
        }

        Assert.InRange(firstSide, 70, 130);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Identical_candidates_never_meet_a_judge_and_the_callers_list_is_not_touched(BracketFormat format)
    {
        string[] texts = ["x", "y", "x", "x", "z", "y", "x", "x"];
        int[] classes = CandidateIdentity.Classes(texts), before = [.. classes];
        Assert.Equal([0, 1, 0, 0, 4, 1, 0, 0], classes);
        for (ulong seed = 0; seed < 20; seed++)
        {
            Bracket bracket = Bracket.Create(format, texts.Length, seed, classes);
            Bracket done = Tournament.Play(bracket, m =>
            {
                Assert.NotEqual(texts[m.A], texts[m.B]);
                return Tournament.Oracle([.. texts.Select(t => (double)t[0])])(m);
            });
            Assert.All(done.Decided, d => Assert.Equal(texts[d.Match.A] == texts[d.Match.B], d.Advancement == Advancement.Identical));
            if (format != BracketFormat.Swiss) Assert.Equal("z", texts[done.Winner!.Value]);
        }

        Assert.Equal(before, classes);
        Bracket same = Bracket.Create(format, 3, 1, [0, 0, 0]);
        Assert.True(same.IsComplete);
        Assert.Throws<ArgumentException>(() => Bracket.Create(format, 3, 1, [0, 0]));
    }

    [Fact]
    public void Names_of_formats_round_trip()
    {
        foreach (BracketFormat format in Tournament.Formats)
        {
            Assert.True(BracketFormats.TryParse(format.Name(), out BracketFormat parsed));
            Assert.Equal(format, parsed);
        }

        Assert.Equal("single-elimination, losers-bracket, swiss, round-robin", KebabCase.NamesOf<BracketFormat>());
        Assert.False(BracketFormats.TryParse("ladder", out _));
    }

    /// <summary>How many matches a format plays among candidates that all differ, by the formulas of its documentation.</summary>
    private static int MatchCount(BracketFormat format, int candidates) => format switch
    {
        BracketFormat.SingleElimination => candidates - 1,
        BracketFormat.LosersBracket => candidates - 1 + Math.Max(0, (candidates / 2) - 1),
        BracketFormat.Swiss => (int)Math.Ceiling(Math.Log2(candidates)) * (candidates / 2),
        _ => candidates * (candidates - 1) / 2,
    };

    private static double[] Strengths(int n, ulong seed) => [.. CounterRandom.Permutation(seed, n).Select(i => i * 0.1)];

    private static Func<Match, MatchResult> Noise(ulong seed) => match =>
    {
        double u = CounterRandom.Uniform(CounterRandom.Derive(seed, $"{Math.Min(match.A, match.B)} {Math.Max(match.A, match.B)}"), 0);
        return u < 0.2 ? new(Outcome.Tie, 0) : u < 0.3 ? new(Outcome.Invalid, 0) : u < 0.65 ? new(Outcome.A, u) : new(Outcome.B, -u);
    };
}
