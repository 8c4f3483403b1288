using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Pairing;
using OrleansAlign.Core.Tests.Brackets;
using OrleansAlign.Core.Text;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Tests.Pairing;

public class PairPickerTests
{
    private static readonly PairingRule[] BracketRules = [.. Enum.GetValues<PairingRule>().Where(r => r != PairingRule.BestVsWorstScore)];

    [Fact]
    public void Every_rule_picks_whom_it_names()
    {
        double[] strength = [.. CounterRandom.Permutation(7, 8).Select(i => i * 0.2)];
        Bracket bracket = Tournament.Play(Bracket.Create(BracketFormat.LosersBracket, 8, 3), Tournament.Oracle(strength));
        int best = Array.IndexOf(strength, strength.Max()), worst = Array.IndexOf(strength, 0.0);
        PairPick last = Single(bracket, PairingRule.WinnerVsLast);
        Assert.Equal((best, worst), (last.Chosen, last.Rejected));
        PairPick finalist = Single(bracket, PairingRule.WinnerVsFinalist);
        DecidedMatch final = bracket.Decided.Single(d => d.Match is { Part: BracketPart.Main, Round: 3 });
        Assert.Equal(new PairPick(best, final.Loser, final.Result.Confidence), finalist);
        PairPick first = Single(bracket, PairingRule.WinnerVsFirstRoundLoser);
        Assert.Contains(first.Rejected, bracket.Decided.Where(d => d.Match is { Part: BracketPart.Main, Round: 1 }).Select(d => d.Loser));
        IReadOnlyList<PairPick> all = PairPicker.FromBracket(bracket, new PairingOptions { Rule = PairingRule.AllDecided });
        Assert.Equal(10, all.Count);
        Assert.All(all, p => Assert.True(strength[p.Chosen] > strength[p.Rejected]));
        Assert.Equal(bracket.Decided.Select(d => (d.Winner, d.Loser)), all.Select(p => (p.Chosen, p.Rejected)));
    }

    [Fact]
    public void The_margin_of_a_chain_is_its_weakest_links()
    {
        Bracket start = Bracket.Create(BracketFormat.SingleElimination, 4, 1);
        Bracket bracket = Tournament.Play(start, m => m.Round == 1 ? new(Outcome.A, 0.3) : new(Outcome.B, -0.8));
        DecidedMatch final = bracket.Decided.Single(d => d.Match.Round == 2);
        DecidedMatch other = bracket.Decided.Single(d => d.Match.Round == 1 && d.Winner == final.Loser);
        var graph = new VerdictGraph(bracket);
        Assert.Equal(0.8, graph.Margin(final.Winner, final.Loser));
        Assert.Equal(0.3, graph.Margin(final.Winner, other.Loser));
        Assert.Null(graph.Margin(other.Loser, final.Winner));
        Assert.Null(graph.Margin(final.Winner, final.Winner));
    }

    [Theory]
    [InlineData(Outcome.Tie)]
    [InlineData(Outcome.Invalid)]
    public void No_coin_carries_a_chain(Outcome outcome)
    {
        Bracket start = Bracket.Create(BracketFormat.SingleElimination, 4, 1);
        Bracket bracket = Tournament.Play(start, m => m.Round == 1 ? new(Outcome.A, 0.3) : new(outcome, 0));
        DecidedMatch final = bracket.Decided.Single(d => d.Match.Round == 2);
        DecidedMatch own = bracket.Decided.Single(d => d.Match.Round == 1 && d.Winner == final.Winner);
        Assert.Empty(PairPicker.FromBracket(bracket, new PairingOptions { Rule = PairingRule.WinnerVsFinalist }));
        PairPick pick = Single(bracket, PairingRule.WinnerVsFirstRoundLoser);
        Assert.Equal((own.Winner, own.Loser), (pick.Chosen, pick.Rejected));
    }

    [Fact]
    public void Ties_and_invalid_verdicts_never_become_labels_in_any_format_under_any_rule()
    {
        int picked = 0;
        for (ulong seed = 0; seed < 150; seed++)
        {
            foreach (BracketFormat format in Tournament.Formats)
            {
                string[] texts = [.. Enumerable.Range(0, 7).Select(i => $"{CounterRandom.Integer(seed, (ulong)i, 9)}")];
                int[] classes = CandidateIdentity.Classes(texts);
                Bracket bracket = Tournament.Play(Bracket.Create(format, 7, seed, classes), m => Noise(seed, classes, m));
                foreach (PairingRule rule in BracketRules.Where(r => !new PairingOptions { Rule = r }.Problems(format).Any()))
                {
                    foreach (PairPick pick in PairPicker.FromBracket(bracket, new PairingOptions { Rule = rule, MinimumMargin = 0.3 }))
                    {
                        picked++;
                        Assert.NotEqual(classes[pick.Chosen], classes[pick.Rejected]);
                        Assert.InRange(pick.Margin, 0.3, 1);
                        Assert.True(Reaches(bracket, pick.Chosen, pick.Rejected));
                        Assert.All(bracket.Decided.Where(d => Between(d, pick, classes)), d =>
                        {
                            Assert.Equal(Advancement.Verdict, d.Advancement);
                            Assert.Equal(classes[pick.Chosen], classes[d.Winner]);
                        });
                    }
                }
            }
        }

        Assert.True(picked > 500);
    }

    [Fact]
    public void A_margin_below_the_least_is_dropped()
    {
        Bracket bracket = Tournament.Play(Bracket.Create(BracketFormat.SingleElimination, 2, 1), _ => new(Outcome.A, 0.4));
        Assert.Single(PairPicker.FromBracket(bracket, new PairingOptions { MinimumMargin = 0.4 }));
        Assert.Empty(PairPicker.FromBracket(bracket, new PairingOptions { MinimumMargin = 0.41 }));
    }

    [Fact]
    public void An_unfinished_bracket_or_a_rule_that_does_not_fit_is_misuse()
    {
        Bracket open = Bracket.Create(BracketFormat.SingleElimination, 2, 1);
        Assert.Throws<ArgumentException>(() => PairPicker.FromBracket(open, new PairingOptions()));
        Assert.NotEmpty(new PairingOptions { Rule = PairingRule.BestVsWorstScore }.Problems(BracketFormat.RoundRobin));
        Assert.NotEmpty(new PairingOptions { Rule = PairingRule.WinnerVsFirstRoundLoser }.Problems(BracketFormat.RoundRobin));
        Assert.NotEmpty(new PairingOptions { MinimumMargin = double.NaN }.Problems());
        Assert.NotEmpty(new PairingOptions { MinimumMargin = 1.1 }.Problems());
        Assert.Empty(new PairingOptions { MinimumMargin = 1.1, Rule = PairingRule.BestVsWorstScore }.Problems());
    }

    [Fact]
    public void One_candidate_or_identical_ones_give_no_pair()
    {
        Assert.Empty(PairPicker.FromBracket(Bracket.Create(BracketFormat.SingleElimination, 1, 1), new PairingOptions()));
        Assert.Empty(PairPicker.FromBracket(Bracket.Create(BracketFormat.SingleElimination, 3, 1, [0, 0, 0]), new PairingOptions()));
    }

    [Fact]
    public void Best_and_worst_score_are_paired_and_identical_candidates_share_theirs()
    {
        var options = new PairingOptions { Rule = PairingRule.BestVsWorstScore };
        Rating[] ratings = [new Rating.Scored(5), new Rating.Scored(2), new Rating.Unparsable("x"), new Rating.Scored(1), new Rating.Scored(4)];
        int[] different = [0, 1, 2, 3, 4];
        Assert.Equal([new PairPick(0, 3, 4)], PairPicker.FromScores(ratings, different, options));
        Assert.Equal([new PairPick(4, 1, 2)], PairPicker.FromScores(ratings, [0, 1, 2, 0, 4], options));
        Assert.Empty(PairPicker.FromScores(ratings, different, options with { MinimumMargin = 4.5 }));
        Assert.Empty(PairPicker.FromScores([new Rating.Scored(3), new Rating.Scored(3)], [0, 1], options));
        Assert.Empty(PairPicker.FromScores([new Rating.Scored(3), new Rating.Scored(1)], [0, 0], options));
    }

    [Fact]
    public void Every_rule_has_a_name_of_its_own() =>
        Assert.Distinct(Enum.GetValues<PairingRule>().Select(rule => rule.Name()));

    private static PairPick Single(Bracket bracket, PairingRule rule) =>
        Assert.Single(PairPicker.FromBracket(bracket, new PairingOptions { Rule = rule }));

    private static bool Between(DecidedMatch match, PairPick pick, int[] classes) =>
        (classes[match.Winner], classes[match.Loser]) is var (w, l)
        && ((w, l) == (classes[pick.Chosen], classes[pick.Rejected]) || (l, w) == (classes[pick.Chosen], classes[pick.Rejected]));

    private static bool Reaches(Bracket bracket, int from, int to)
    {
        IReadOnlyList<int> classes = bracket.Classes;
        var reached = new HashSet<int> { classes[from] };
        for (int i = 0; i < bracket.Candidates; i++)
        {
            foreach (DecidedMatch match in bracket.Decided)
            {
                if (match.Advancement == Advancement.Verdict && reached.Contains(classes[match.Winner])) reached.Add(classes[match.Loser]);
            }
        }

        return reached.Contains(classes[to]);
    }

    private static MatchResult Noise(ulong seed, int[] classes, Match match)
    {
        double u = CounterRandom.Uniform(CounterRandom.Derive(seed, $"{classes[match.A]} {classes[match.B]} {match.Round}"), 0);
        return u < 0.2 ? new(Outcome.Tie, 0.1) : u < 0.3 ? new(Outcome.Invalid, 0) : u < 0.65 ? new(Outcome.A, u) : new(Outcome.B, -u);
    }
}
