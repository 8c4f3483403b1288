using OrleansAlign.Core.Judging;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Core.Tests.Judging;

public class JudgeTemplateTests
{
    [Fact]
    public void Content_is_marked_and_placeholders_within_it_are_not_expanded()
    {
        var template = new JudgeTemplate { Principle = "x", User = "[{response_b}|{context}|{response_a}]" };
        MarkedText filled = template.Fill("{response_a}", "{context}{response_b}", "{{context}}");
        Assert.Equal("[{{context}}|{response_a}|{context}{response_b}]", filled.Text);
        Assert.Equal(["{{context}}", "{response_a}", "{context}{response_b}"], filled.Content.Select(s => filled.Text[s.Start..s.End]));
    }

    [Fact]
    public void Empty_contents_leave_the_frame() =>
        Assert.Equal("[||]", new JudgeTemplate { Principle = "x", User = "[{context}|{response_a}|{response_b}]" }.Fill("", "", "").Text);

    [Theory]
    [InlineData("{context} {response_a}")]
    [InlineData("{context} {response_a} {response_b} {context}")]
    [InlineData("context response_a response_b")]
    public void Each_placeholder_stands_exactly_once(string user)
    {
        Assert.NotEmpty(new JudgeTemplate { Principle = "x", User = user }.Problems());
    }

    [Fact]
    public void Decision_tokens_differ_and_bring_their_own_space()
    {
        JudgeTemplate good = JudgeTemplates.Overall;
        Assert.Single((good with { DecisionB = " A" }).Problems());
        Assert.Single((good with { AssistantPrefix = "Better: " }).Problems());
        Assert.Empty((good with { AssistantPrefix = "" }).Problems());
    }

    [Fact]
    public void The_templates_that_come_along_are_sound_and_distinct()
    {
        Assert.Equal(["overall", "helpfulness", "honesty", "instruction_following", "truthfulness"], JudgeTemplates.All.Select(t => t.Principle));
        Assert.All(JudgeTemplates.All, t => Assert.Empty(t.Problems()));
        Assert.Equal(5, JudgeTemplates.All.Select(t => t.User).Distinct().Count());
        Assert.Equal("honesty", JudgeTemplates.Find("honesty")?.Principle);
        Assert.Null(JudgeTemplates.Find("beauty"));
    }

    [Fact]
    public void The_rubric_is_sound_and_ends_in_what_the_parser_reads()
    {
        Assert.Empty(RewardTemplate.Additive.Problems());
        MarkedText filled = RewardTemplate.Additive.Fill("Why? {response}", "Score: 5");
        Assert.Contains("Why? {response}", filled.Text, StringComparison.Ordinal);
        Assert.Equal(2, filled.Content.Count);
        Assert.IsType<Rating.Unparsable>(RewardTemplate.Additive.Parser.Parse("Score: N"));
        Assert.NotEmpty(new RewardTemplate { User = "{prompt}" }.Problems());
    }

    [Fact]
    public void A_conversation_reads_as_named_turns() => Assert.Equal(
        "System: Be brief.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Bye",
        JudgeContext.Render([new ChatMessage("system", "Be brief."), new("user", "Hi"), new("assistant", "Hello"), new("user", "Bye")]));
}
