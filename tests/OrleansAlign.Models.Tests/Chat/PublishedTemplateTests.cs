using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Tests.Chat;

public class PublishedTemplateTests
{
    public static TheoryData<string, int> Cases()
    {
        var data = new TheoryData<string, int>();
        foreach (ChatCase item in ChatFixtures.Cases()) data.Add(item.File, item.Index);
        return data;
    }

    [ChatTheory]
    [MemberData(nameof(Cases))]
    public void Renders_as_the_reference_does(string file, int index)
    {
        ChatCase item = ChatFixtures.Cases().First(other => other.File == file && other.Index == index);
        if ((string?)item.Case["error"] is string words)
        {
            var refused = Assert.Throws<ChatTemplateException>(() => Render(item));

            // Words that the template does not hold are the reference's own, about a failure that is no raise_exception.
            if (refused.Raised is not null || item.Template().Source.Contains(words, StringComparison.Ordinal)) Assert.Equal(words, refused.Raised);
        }
        else
        {
            Assert.Equal((string)item.Case["rendered"]!, Render(item).Text);
        }
    }

    [ChatFact]
    public void Every_message_of_a_published_template_is_content()
    {
        int seen = 0;
        foreach (ChatCase item in ChatFixtures.Cases().Where(item => item.Case["error"] is null))
        {
            MarkedText rendered = Render(item);
            foreach (ChatMessage message in item.Messages().Where(message => message.Content.Trim().Length > 3))
            {
                // Some templates drop or cut a turn. Shorter ones may stand in the frame by chance, as "u" does in "user".
                int at = rendered.Text.IndexOf(message.Content.Trim(), StringComparison.Ordinal);
                if (at < 0) continue;
                seen++;
                for (int i = at; i < at + message.Content.Trim().Length; i++)
                    Assert.True(rendered.IsContent(i), $"{item}: '{rendered.Text[i]}' at {i}");
            }
        }

        Assert.True(seen > 20, $"Only {seen} messages were found in what the templates rendered.");
    }

    private static MarkedText Render(ChatCase item)
    {
        JsonObject variables = item.Variables();
        return item.Template().Render(item.Messages(), item.AddGenerationPrompt, variables);
    }
}
