using OrleansAlign.Core.Stages;

namespace OrleansAlign.Core.Tests.Stages;

public sealed class BatchPlanTests
{
    [Fact]
    public void A_pass_takes_every_row_once()
    {
        var plan = new BatchPlan(seed: 3, rows: 10, rowsPerStep: 5, firstInOrder: false);

        int[] first = [.. plan.RowsOf(1), .. plan.RowsOf(2)], second = [.. plan.RowsOf(3), .. plan.RowsOf(4)];

        Assert.Equal(Enumerable.Range(0, 10), first.Order());
        Assert.Equal(Enumerable.Range(0, 10), second.Order());
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void The_first_pass_keeps_the_order_where_asked()
    {
        var plan = new BatchPlan(seed: 3, rows: 4, rowsPerStep: 2, firstInOrder: true);

        Assert.Equal([0, 1], plan.RowsOf(1));
        Assert.Equal([2, 3], plan.RowsOf(2));
    }

    [Fact]
    public void A_step_is_the_same_whatever_was_asked_before()
    {
        var plan = new BatchPlan(seed: 9, rows: 7, rowsPerStep: 3, firstInOrder: false);
        int[][] inOrder = [.. Enumerable.Range(1, 12).Select(plan.RowsOf)];

        foreach (int step in new[] { 12, 1, 7, 7, 2 }) Assert.Equal(inOrder[step - 1], new BatchPlan(9, 7, 3, false).RowsOf(step));
        Assert.Equal(inOrder[4], plan.RowsOf(5));
    }

    [Fact]
    public void Rounds_go_on_through_the_prompts_where_the_last_one_ended()
    {
        var order = new RoundPrompts(seed: 5, prompts: 6, count: 4);

        int[] taken = [.. from round in Enumerable.Range(1, 3) from index in Enumerable.Range(0, 4) select order.At(round, index)];

        Assert.Equal(Enumerable.Range(0, 6), taken[..6].Order());
        Assert.Equal(Enumerable.Range(0, 6), taken[6..].Order());
        Assert.Equal(taken[5], new RoundPrompts(5, 6, 4).At(2, 1));
    }

    [Fact]
    public void Many_callers_are_told_the_same_whatever_they_asked_before()
    {
        RoundPrompts shared = new(seed: 5, prompts: 6, count: 40);
        int[][] expected =
            [.. Enumerable.Range(1, 9).Select(round => (int[])[.. Enumerable.Range(0, 40).Select(i => new RoundPrompts(5, 6, 40).At(round, i))])];

        Parallel.For(0, 2000, call =>
        {
            int round = (call * 7 % 9) + 1, index = call * 11 % 40;
            Assert.Equal(expected[round - 1][index], shared.At(round, index));
        });
    }
}
