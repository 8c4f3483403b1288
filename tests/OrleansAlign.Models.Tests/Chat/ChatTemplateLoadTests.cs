using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Models.Tests.Chat;

public sealed class ChatTemplateLoadTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("chat-template").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void A_model_without_a_template_has_none()
    {
        Assert.Null(ChatTemplate.Load(directory));
        Write("tokenizer_config.json", """{"bos_token": "<s>"}""");
        Assert.Null(ChatTemplate.Load(directory));
        Write("tokenizer_config.json", """{"chat_template": null}""");
        Assert.Null(ChatTemplate.Load(directory));
    }

    [Fact]
    public void Tokens_come_as_text_or_object_from_the_configuration_else_from_the_map()
    {
        Write("tokenizer_config.json", """
            {
              "bos_token": {"__type": "AddedToken", "content": "<b>"}, "eos_token": "<e>", "pad_token": null,
              "chat_template": "{{ bos_token }}{{ eos_token }}{{ pad_token }}{{ unk_token is defined }}"
            }
            """);
        Write("special_tokens_map.json", """{"bos_token": "<no>", "pad_token": {"content": "<p>"}}""");
        ChatTemplate template = ChatTemplate.Load(directory)!;
        Assert.Equal("<b><e><p>False", template.Render([], false).Text);
        Assert.Empty(template.Render([], false).Content);
        Assert.Equal(new SpecialTokenTexts("<b>", "<e>", "<p>"), template.Tokens);
        Assert.Equal(Path.Combine(directory, "tokenizer_config.json"), template.Name);
    }

    [Fact]
    public void A_template_file_goes_before_the_configuration()
    {
        Write("chat_template.json", """{"chat_template": "third"}""");
        Assert.Equal("third", ChatTemplate.Load(directory)!.Source);
        Write("tokenizer_config.json", """{"chat_template": "second", "eos_token": "</s>"}""");
        Assert.Equal("second", ChatTemplate.Load(directory)!.Source);
        Write("chat_template.jinja", "first {{ eos_token }}\n");
        Assert.Equal("first </s>", ChatTemplate.Load(directory)!.Render([], false).Text);
    }

    [Fact]
    public void Of_named_templates_the_default_is_taken_and_the_other_one_with_tools()
    {
        Write("tokenizer_config.json", """
            {"chat_template": [
              {"name": "rag", "template": "r"}, {"name": "tool_use", "template": "t{{ tools|length }}"}, {"name": "default", "template": "d"}
            ]}
            """);
        ChatTemplate template = ChatTemplate.Load(directory)!;
        Assert.Equal("d", template.Render([], false).Text);
        Assert.Equal("d", template.Render([], false, new JsonObject { ["tools"] = null }).Text);
        Assert.Equal("t1", template.Render([], false, new JsonObject { ["tools"] = new JsonArray(1) }).Text);
    }

    [Fact]
    public void Named_templates_in_files_go_before_the_configuration()
    {
        Directory.CreateDirectory(Path.Combine(directory, "additional_chat_templates"));
        Write("tokenizer_config.json", """
            {"chat_template": [{"name": "default", "template": "old"}, {"name": "tool_use", "template": "old tools"}], "eos_token": "</s>"}
            """);
        Write("additional_chat_templates/tool_use.jinja", "tools{{ eos_token }}");
        Write("additional_chat_templates/rag.jinja", "{{ 1|nope }}");
        JsonObject tools = new() { ["tools"] = new JsonArray(1) };

        ChatTemplate template = ChatTemplate.Load(directory)!;
        Assert.Equal(("old", "tools</s>"), (template.Render([], false).Text, template.Render([], false, tools).Text));

        Write("chat_template.jinja", "new");
        template = ChatTemplate.Load(directory)!;
        Assert.Equal(("new", "tools</s>"), (template.Render([], false).Text, template.Render([], false, tools).Text));

        // The configuration's templates count only where no file holds a default one.
        File.Delete(Path.Combine(directory, "additional_chat_templates", "tool_use.jinja"));
        Assert.Equal("new", ChatTemplate.Load(directory)!.Render([], false, tools).Text);
    }

    [Fact]
    public void A_broken_named_template_names_its_own_file()
    {
        Directory.CreateDirectory(Path.Combine(directory, "additional_chat_templates"));
        Write("chat_template.jinja", "x");
        Write("additional_chat_templates/tool_use.jinja", "{{ 1|nope }}");
        Assert.EndsWith("tool_use.jinja", Assert.Throws<ChatTemplateException>(() => ChatTemplate.Load(directory)).TemplateName, StringComparison.Ordinal);
    }

    [Fact]
    public void Additional_templates_without_a_default_one_are_refused()
    {
        Directory.CreateDirectory(Path.Combine(directory, "additional_chat_templates"));
        Write("additional_chat_templates/tool_use.jinja", "t");
        Assert.Contains(
            "no template named 'default', only: tool_use",
            Assert.Throws<InvalidDataException>(() => ChatTemplate.Load(directory)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat_template.jinja")]
    [InlineData("tokenizer_config.json")]
    public void A_pointer_of_git_lfs_is_named_as_one(string file)
    {
        Write(file, "version https://git-lfs.github.com/spec/v1\noid sha256:4665\nsize 5\n");
        string message = Assert.Throws<InvalidDataException>(() => ChatTemplate.Load(directory)).Message;
        Assert.StartsWith(Path.Combine(directory, file), message, StringComparison.Ordinal);
        Assert.Contains("it is a Git LFS pointer", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"chat_template": 5}""", "'chat_template' is 5; it must be a text, or a list")]
    [InlineData("""{"chat_template": [5]}""", "it must be a list of {\"name\", \"template\"}")]
    [InlineData("""{"chat_template": [{"name": "rag", "template": "r"}]}""", "no template named 'default', only: rag")]
    [InlineData("""{"chat_template": "x", "bos_token": 5}""", "'bos_token' is 5; it must be a text, or an object")]
    [InlineData("""{"chat_template": "x", "bos_token": {"id": 5}}""", "'bos_token' is {\"id\":5}")]
    [InlineData("""{"chat_template": "x" """, "not JSON at line 1")]
    [InlineData("""{"chat_template": "x", "chat_template": "y"}""", "not JSON: ")]
    [InlineData("""["x"]""", "'the file' is [\"x\"]; it must be an object")]
    [InlineData("", "not JSON")]
    public void A_broken_file_is_named_with_what_is_wrong(string json, string what)
    {
        Write("tokenizer_config.json", json);
        string message = Assert.Throws<InvalidDataException>(() => ChatTemplate.Load(directory)).Message;
        Assert.StartsWith(Path.Combine(directory, "tokenizer_config.json"), message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_template_names_its_file()
    {
        Write("tokenizer_config.json", """{"chat_template": "a\n{{ x|nope }}"}""");
        var error = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Load(directory));
        Assert.Equal((Path.Combine(directory, "tokenizer_config.json"), 2), (error.TemplateName, error.Line));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(directory, name), text);
}
