using OrleansAlign.Core.Data;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Supervision;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Tests.Supervision;

public class JudgeSupervisionTests
{
    private static readonly ChatMessage[] Question = [new("user", "Why?")];
    private static readonly JudgeTemplate[] Overall = [JudgeTemplates.Overall], FourPrinciples = [.. JudgeTemplates.All.Skip(1)];

    [Fact]
    public void Every_preference_is_judged_in_both_orders_with_as_many_A_as_B()
    {
        SupervisedSet set = JudgeSupervision.Build(
            [new Demonstration("d", [.. Question, new("assistant", "So.")], [1])],
            [.. Enumerable.Range(0, 9).Select(i => Row($"p{i}"))],
            FourPrinciples, rationales: false, seed: 0);
        Assert.Single(set.Rows.OfType<AnswerRow>());
        Assert.Equal(36, set.Rows.OfType<JudgementRow>().Count(row => row.Label == Outcome.A));
        Assert.Equal(36, set.Rows.OfType<JudgementRow>().Count(row => row.Label == Outcome.B));
        Assert.Empty(set.Dropped);
        Assert.Equal(73, set.Rows.Select(r => r.Id).Distinct().Count());
        foreach (JudgementRow row in set.Rows.OfType<JudgementRow>())
        {
            string user = row.User.Text;
            Assert.Equal(row.Label == Outcome.A, user.IndexOf("good", StringComparison.Ordinal) < user.IndexOf("bad", StringComparison.Ordinal));
            Assert.Contains("Why?", user, StringComparison.Ordinal);
            // All that is trained of a plain judge row is the one decision token.
            Assert.Equal(row.Label == Outcome.A ? " A" : " B", row.Target);
            Assert.False(row.EndsTurn);
        }
    }

    [Fact]
    public void A_principles_preference_goes_to_its_own_template()
    {
        SupervisedSet set = JudgeSupervision.Build([], [Row("p") with { Principle = "honesty" }], FourPrinciples, rationales: false, seed: 0);
        Assert.Equal(2, set.Rows.Count);
        Assert.All(set.Rows.Cast<JudgementRow>(), r => Assert.Equal("honesty", r.Template.Principle));
    }

    [Fact]
    public void A_rationale_follows_the_decision_in_the_order_shown_and_the_turn_ends()
    {
        SupervisedSet set = JudgeSupervision.Build(
            [], [Row("p") with { ChosenRationale = "clear ", RejectedRationale = "vague" }], Overall, rationales: true, seed: 0);
        JudgementRow[] rows = [.. set.Rows.Cast<JudgementRow>().OrderBy(r => r.Label)];
        Assert.Equal(
            [" A\n\nEvaluation of Response A: clear\n\nEvaluation of Response B: vague",
             " B\n\nEvaluation of Response A: vague\n\nEvaluation of Response B: clear"],
            rows.Select(r => r.Target));
        Assert.All(rows, r => Assert.True(r.EndsTurn));
    }

    [Fact]
    public void Dropped_rows_are_counted_by_reason()
    {
        PreferenceRow[] rows =
        [
            Row("a"), Row("d") with { Principle = "beauty" }, Row("e") with { ChosenRationale = "x", RejectedRationale = "y" },
        ];
        SupervisedSet plain = JudgeSupervision.Build([], rows, Overall, rationales: false, seed: 0);
        SupervisedSet reasoned = JudgeSupervision.Build([], rows, Overall, rationales: true, seed: 0);
        Assert.Equal(
            [("no judge template has the principle 'beauty'", 1)],
            plain.Dropped.Select(d => (d.Key, d.Value)));
        Assert.Equal(4, plain.Rows.Count);
        Assert.Equal(1, reasoned.Dropped["a rationale is missing"]);
        Assert.Equal(2, reasoned.Rows.Count);
    }

    [Fact]
    public void The_order_depends_on_the_seed_alone()
    {
        PreferenceRow[] rows = [.. Enumerable.Range(0, 20).Select(i => Row($"p{i}"))];
        string[] Order(ulong seed) => [.. JudgeSupervision.Build([], rows, Overall, rationales: false, seed).Rows.Select(r => r.Id)];
        Assert.Equal(Order(1), Order(1));
        Assert.NotEqual(Order(1), Order(2));
        Assert.Equal(Order(1).Order(), Order(2).Order());
    }

    private static PreferenceRow Row(string id) => new(id, Question, "good", "bad");
}
