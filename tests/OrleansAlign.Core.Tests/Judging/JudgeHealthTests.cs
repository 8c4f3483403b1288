using OrleansAlign.Core.Judging;

namespace OrleansAlign.Core.Tests.Judging;

public class JudgeHealthTests
{
    [Fact]
    public void Every_figure_is_counted()
    {
        JudgeHealth health = JudgeHealth.Empty.Add(
        [
            new(0, 1, Judge((0.8, 0.2), (0.2, 0.8)), 10, 5),
            new(0, 2, Judge((0.6, 0.2), (0.3, 0.2)), 10, 20),
            new(1, 2, Judge((0.9, 0.1), (0.9, 0.1)), 3, 3),
            new(1, 3, Judge((double.NaN, 0), (0, 0)), 3, 3),
        ]);
        Assert.Equal((4, 2, 1, 1), (health.Verdicts, health.Decided, health.Ties, health.Invalids));
        Assert.Equal((3, 2), (health.BothOrders, health.Flips));
        Assert.Equal((2, 1), (health.LengthsDiffer, health.LongerWins));
        Assert.Equal((6, 5), (health.OrdersDecided, health.FirstPreferred));
    }

    [Fact]
    public void A_circle_is_counted_once_and_a_line_is_not()
    {
        JudgedMatch[] circle = [Win(0, 1), Win(1, 2), Win(2, 0)], line = [Win(0, 1), Win(1, 2), Win(0, 2)];
        Assert.Equal((1, 1), (JudgeHealth.Empty.Add(circle).Triads, JudgeHealth.Empty.Add(circle).Cycles));
        Assert.Equal((1, 0), (JudgeHealth.Empty.Add(line).Triads, JudgeHealth.Empty.Add(line).Cycles));
        Assert.Equal(0, JudgeHealth.Empty.Add([.. circle, Win(0, 2)]).Triads);
    }

    [Fact]
    public void Prompts_add_up_in_any_order()
    {
        JudgedMatch[] one = [Win(0, 1), Win(1, 2), Win(2, 0)], two = [new(0, 1, Judge((0.9, 0.1), (0.9, 0.1)), 3, 3)];
        Assert.Equal(JudgeHealth.Empty.Add(one).Add(two), JudgeHealth.Empty.Add(two).Add(one));
    }

    [Fact]
    public void A_judge_that_always_says_A_is_reported()
    {
        JudgeHealth health = JudgeHealth.Empty;
        for (int i = 0; i < 40; i++) health = health.Add([new(0, 1, Judge((0.9, 0.1), (0.9, 0.1)), 5, 5)]);
        Assert.Equal((80, 80), (health.FirstPreferred, health.OrdersDecided));
        Assert.Contains("the judge says A whichever response stands first (100 %, 80 of 80 of the orders)", health.Concerns());
        Assert.Contains(health.Concerns(), c => c.Contains("swapped", StringComparison.Ordinal));
        Assert.Contains(health.Concerns(), c => c.Contains("cannot tell", StringComparison.Ordinal));
    }

    [Fact]
    public void A_sound_judge_and_one_hardly_seen_raise_no_concern()
    {
        JudgeHealth sound = JudgeHealth.Empty, few = JudgeHealth.Empty.Add([new(0, 1, Judge((0.9, 0.1), (0.9, 0.1)), 5, 5)]);
        for (int i = 0; i < 50; i++)
            sound = sound.Add([new(0, 1, i % 2 == 0 ? Judge((0.8, 0.2), (0.2, 0.8)) : Judge((0.2, 0.8), (0.8, 0.2)), 5, 6)]);
        Assert.Empty(sound.Concerns());
        Assert.Empty(few.Concerns());
    }

    [Fact]
    public void Longer_wins_invalids_circles_and_the_second_place_are_reported()
    {
        JudgeHealth health = JudgeHealth.Empty, seconds = JudgeHealth.Empty;
        for (int i = 0; i < 60; i++)
        {
            JudgedMatch second = new(0, 1, Judge((0.1, 0.9), (0.1, 0.9)), 1, 1), invalid = new(0, 1, Judge((2, 2), (0, 0)), 1, 1);
            health = health.Add([Win(0, 1), Win(1, 2), Win(2, 0), second, invalid]);
            seconds = seconds.Add([second]);
        }

        string all = string.Join('\n', health.Concerns().Concat(seconds.Concerns()));
        foreach (string word in (string[])["longer", "invalid", "circles", "stands second"]) Assert.Contains(word, all, StringComparison.Ordinal);
    }

    private static JudgedMatch Win(int winner, int loser) => new(winner, loser, Judge((0.8, 0.2), (0.2, 0.8)), 9, 4);

    private static Verdict Judge((double A, double B) forward, (double A, double B) swapped) => new PairwiseRule().Decide(
        [new PrincipleReading("overall", new OrderReading(forward.A, forward.B), new OrderReading(swapped.A, swapped.B))]);
}
