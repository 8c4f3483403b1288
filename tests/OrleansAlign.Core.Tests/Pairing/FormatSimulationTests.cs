using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Pairing;
using OrleansAlign.Core.Tests.Brackets;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Tests.Pairing;

/// <summary>
/// Eight candidates of normal quality before a weak judge that reads both orders. Who becomes rejected decides how often a label is right;
/// the ranges are those that our simulation for the choice of formats gave (finalist .69, first-round loser .86, losers' bracket .95, Swiss .94,
/// round robin .98), widened for another model of the judge's noise.
/// </summary>
public class FormatSimulationTests
{
    private const int Prompts = 800;

    [Fact]
    public void Who_becomes_rejected_decides_how_often_a_label_is_right()
    {
        double finalist = LabelsRight(BracketFormat.SingleElimination, PairingRule.WinnerVsFinalist);
        double firstRound = LabelsRight(BracketFormat.SingleElimination, PairingRule.WinnerVsFirstRoundLoser);
        double losers = LabelsRight(BracketFormat.LosersBracket, PairingRule.WinnerVsLast);
        double swiss = LabelsRight(BracketFormat.Swiss, PairingRule.WinnerVsLast);
        double roundRobin = LabelsRight(BracketFormat.RoundRobin, PairingRule.WinnerVsLast);
        string figures = $"finalist {finalist:0.000}, first round {firstRound:0.000}, losers {losers:0.000}, "
            + $"swiss {swiss:0.000}, round robin {roundRobin:0.000}";
        Assert.True(finalist + 0.08 < firstRound && firstRound + 0.03 < losers && losers < roundRobin, figures);
        Assert.True(Math.Abs(finalist - 0.69) < 0.05 && Math.Abs(firstRound - 0.86) < 0.05 && Math.Abs(losers - 0.95) < 0.04, figures);
        Assert.True(Math.Abs(swiss - 0.94) < 0.04 && Math.Abs(roundRobin - 0.98) < 0.03, figures);
    }

    [Fact]
    public void The_judge_is_as_weak_as_the_one_simulated_before()
    {
        int right = 0, flips = 0;
        for (int prompt = 0; prompt < 4000; prompt++)
        {
            Verdict verdict = Judge(prompt, 0, 1);
            bool aIsBetter = Quality(prompt, 0) > Quality(prompt, 1);
            right += (verdict.Readings[0].Forward.ProbabilityA > verdict.Readings[0].Forward.ProbabilityB) == aIsBetter ? 1 : 0;
            flips += verdict.Flipped ? 1 : 0;
        }

        Assert.InRange(right / 4000.0, 0.66, 0.71);
        Assert.InRange(flips / 4000.0, 0.32, 0.38);
    }

    private static double LabelsRight(BracketFormat format, PairingRule rule)
    {
        int right = 0, labels = 0;
        for (int prompt = 0; prompt < Prompts; prompt++)
        {
            Bracket bracket = Tournament.Play(Bracket.Create(format, 8, (ulong)prompt), m => MatchResult.Of(Judge(prompt, m.A, m.B)));
            foreach (PairPick pick in PairPicker.FromBracket(bracket, new PairingOptions { Rule = rule }))
            {
                labels++;
                if (Quality(prompt, pick.Chosen) > Quality(prompt, pick.Rejected)) right++;
            }
        }

        Assert.True(labels > 0.9 * Prompts);
        return (double)right / labels;
    }

    private static double Quality(int prompt, int candidate) => CounterRandom.Normal(CounterRandom.Derive(1, (ulong)prompt), (ulong)candidate);

    private static Verdict Judge(int prompt, int a, int b)
    {
        // What is wrong with a judgement: a part that the pair shares in both orders, a part of each order, and a leaning to the first place.
        (int low, int high) = (Math.Min(a, b), Math.Max(a, b));
        ulong seed = CounterRandom.Derive(2, $"{prompt} {low} {high}");
        double shared = 1.1 * CounterRandom.Normal(seed, 0);
        OrderReading Read(int first, int second)
        {
            double sign = first == low ? 1 : -1;
            double own = 1.6 * CounterRandom.Normal(seed, first == low ? 1u : 2u);
            double logit = Quality(prompt, first) - Quality(prompt, second) + (sign * shared) + own + 0.6;
            double p = 1 / (1 + Math.Exp(-logit));
            return new OrderReading(p, 1 - p);
        }

        return new PairwiseRule().Decide([new PrincipleReading("overall", Read(a, b), Read(b, a))]);
    }
}
