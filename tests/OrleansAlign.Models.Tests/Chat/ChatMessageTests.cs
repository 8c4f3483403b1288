using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;
using static OrleansAlign.Models.Tests.Chat.Rendering;

namespace OrleansAlign.Models.Tests.Chat;

public class ChatMessageTests
{
    private const string Probe = "{% set m = messages[0] %}{{ 'content' in m }} {{ m.content is none }} {{ m.content is string }} {{ m.content }}";

    [Theory]
    [InlineData("""{"role": "user", "content": "Hi"}""", "True False True Hi")]
    [InlineData("""{"role": "user", "content": ""}""", "True False True ")]
    [InlineData("""{"role": "assistant", "content": null}""", "True True False None")]
    [InlineData("""{"role": "assistant"}""", "False False False ")]
    [InlineData("""{"role": "user", "content": [{"type": "text", "text": "Hi"}]}""", "True False False [{'type': 'text', 'text': 'Hi'}]")]
    public void Content_may_be_text_null_absent_or_parts(string json, string rendered) =>
        Assert.Equal(rendered, Render(Probe, ChatMessage.FromJson(JsonNode.Parse(json)!.AsObject())).Text);

    [Fact]
    public void Further_fields_keep_their_order_and_values()
    {
        const string Json = """{"role": "assistant", "content": "x", "b": [1, 2.50, 1e3, 12345678901234567890], "a": {"k": true}}""";
        var message = ChatMessage.FromJson(JsonNode.Parse(Json)!.AsObject());
        Assert.Equal(
            """{"role": "assistant", "content": "x", "b": [1, 2.5, 1000.0, 12345678901234567890], "a": {"k": true}}""",
            Render("{{ messages[0]|tojson }}", message).Text);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"role": 5}""")]
    [InlineData("""{"role": null, "content": "x"}""")]
    public void A_message_without_a_role_is_refused(string json)
    {
        var error = Assert.Throws<InvalidDataException>(() => ChatMessage.FromJson(JsonNode.Parse(json)!.AsObject()));
        Assert.Contains("'role'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_contradicts_itself_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Render("x", new ChatMessage("user", "a") { Extra = new JsonObject { ["content"] = "b" } }));
        Assert.Throws<ArgumentException>(() => Render("x", new ChatMessage("user", "a") { OmitsContent = true }));
        Assert.Throws<ArgumentException>(() => Render("x", new ChatMessage("user", "a") { Extra = new JsonObject { ["role"] = "system" } }));
    }

    [Fact]
    public void Rendering_changes_neither_messages_nor_variables()
    {
        var message = new ChatMessage("user", "a") { Extra = new JsonObject { ["list"] = new JsonArray(1) } };
        var variables = new JsonObject { ["d"] = new JsonObject { ["k"] = 1 } };
        const string Source = "{% set x = messages[0].list.append(2) %}{% set x = d.update({'k': 2}) %}{{ messages[0].list }}{{ d }}";
        ChatTemplate template = ChatTemplate.Parse(Source, "t");
        Assert.Equal("[1, 2]{'k': 2}", template.Render([message], false, variables).Text);
        Assert.Equal("[1, 2]{'k': 2}", template.Render([message], false, variables).Text);
        Assert.Equal("[1]", message.Extra["list"]!.ToJsonString());
    }
}
