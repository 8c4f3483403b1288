using OrleansAlign.Core.Data;

namespace OrleansAlign.Core.Tests.Data;

public class HhDialogueTests
{
    [Fact]
    public void Turns_are_split_trimmed_and_trailing_ones_of_the_user_dropped() => Assert.Equal(
        [("user", "Hi\n\nthere"), ("assistant", "Hello"), ("user", "Human: x"), ("assistant", "")],
        HhDialogue.Parse("\n\nHuman: Hi\n\nthere\n\nAssistant: Hello \n\nHuman: Human: x\n\nAssistant:\n\nHuman: bye")!
            .Select(m => (m.Role, m.Content)));

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("before\n\nHuman: x\n\nAssistant: y")]
    [InlineData("\n\nHuman: x")]
    [InlineData("\n\nAssistant: y")]
    public void What_is_no_dialogue_with_an_answer_is_none(string text) => Assert.Null(HhDialogue.Parse(text));
}
