using OrleansAlign.Core.Data;
using OrleansAlign.Core.Stages;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Tests.Stages;

public sealed class LengthRuleTests
{
    private static readonly ChatMessage[] Long = [new("system", "1"), new("user", "22"), new("assistant", "333"), new("user", "4444")];

    [Fact]
    public void What_is_too_long_is_left_out_and_told_with_its_first_lines()
    {
        LengthRule rule = Rule(TooLong.Skip);
        List<string> notes = [];

        Assert.Same(Long, rule.Fit(At(1), Long, 1, Length, most: 10));
        for (int line = 2; line < 9; line++) Assert.Null(rule.Fit(At(line), Long, 1, Length, most: 9));
        rule.Tell(notes);

        Assert.Equal(7, rule.Left);
        string note = Assert.Single(notes);
        Assert.StartsWith("file: 7 rows left out: longer than the context of 9 tokens (longest: 10 tokens); first at f:2", note, StringComparison.Ordinal);
        Assert.EndsWith("f:6 (10 tokens), …", note, StringComparison.Ordinal);
    }

    [Fact]
    public void It_may_be_refused()
    {
        LengthRule rule = Rule(TooLong.Refuse);
        rule.Fit(At(3), Long, 1, Length, most: 9);

        var error = Assert.Throws<InvalidDataException>(() => rule.Tell([]));
        Assert.Contains("first at f:3", error.Message, StringComparison.Ordinal);
        Assert.Contains("set too-long to skip or cut-left", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_may_lose_its_oldest_turns_but_not_its_system_turn_nor_the_last()
    {
        LengthRule rule = Rule(TooLong.CutLeft);
        List<string> notes = [];

        Assert.Equal([Long[0], Long[3]], rule.Fit(At(1), Long, 1, Length, most: 9)!);
        Assert.Null(rule.Fit(At(2), Long, 1, Length, most: 4));
        rule.Tell(notes);

        Assert.Equal(2, notes.Count);
        Assert.Contains("1 rows left out", notes[0], StringComparison.Ordinal);
        Assert.Contains("1 rows lost their oldest turns", notes[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_conversation_begins_with_the_user()
    {
        ChatMessage[] turns = [new("user", "1"), new("assistant", "2"), new("user", "3"), new("assistant", "4"), new("user", "5")];

        Assert.Equal(turns[2..], Rule(TooLong.CutLeft).Fit(At(1), turns, 1, Length, most: 4)!);
    }

    private static LengthRule Rule(TooLong rule) => new(rule, "file", "rows", context: 9);

    private static RowSource At(int line) => new("f", line);

    private static int Length(IReadOnlyList<ChatMessage> messages) => messages.Sum(m => m.Content.Length);
}
