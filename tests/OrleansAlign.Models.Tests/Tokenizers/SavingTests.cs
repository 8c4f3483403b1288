using System.Text;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class SavingTests
{
    [PublishedTokenizers]
    [MemberData(nameof(PublishedTokenizersTests.All), MemberType = typeof(PublishedTokenizersTests))]
    public void A_published_tokenizer_is_saved_byte_for_byte(string name)
    {
        using Saved saved = new(Tokenizer.Load(TokenizerFixtures.Folder(name)));
        string[] names = [.. Directory.GetFiles(saved.Path).Select(file => Path.GetFileName(file)!)];
        Assert.Contains("tokenizer.json", names);
        Assert.Equal(File.Exists(Path.Combine(TokenizerFixtures.Folder(name), "tokenizer_config.json")), names.Contains("tokenizer_config.json"));
        foreach (string file in names) Assert.Equal(File.ReadAllBytes(Path.Combine(TokenizerFixtures.Folder(name), file)), saved.Read(file));
    }

    [Fact]
    public void A_template_in_a_file_of_its_own_goes_along()
    {
        Dictionary<string, byte[]> files = new()
        {
            ["tokenizer.json"] = Encoding.UTF8.GetBytes(TestTokenizer.Json(["a"], [])), ["chat_template.jinja"] = Encoding.UTF8.GetBytes("{{ 1 }}"),
        };
        Tokenizer tokenizer = new(new TokenizerFolder("here", files));
        using Saved saved = new(tokenizer);
        Assert.Equal("{{ 1 }}"u8.ToArray(), saved.Read("chat_template.jinja"));
    }

    [Fact]
    public void The_map_of_special_tokens_counts_where_the_configuration_is_silent()
    {
        Dictionary<string, byte[]> files = new()
        {
            ["tokenizer.json"] = Encoding.UTF8.GetBytes(TestTokenizer.Json(["a", "<s>", "</s>"], [])),
            ["tokenizer_config.json"] = """{"bos_token":"<s>"}"""u8.ToArray(),
            ["special_tokens_map.json"] = """{"bos_token":"a","eos_token":{"content":"</s>"}}"""u8.ToArray(),
        };
        Tokenizer tokenizer = new(new TokenizerFolder("here", files));
        Assert.Equal((1, 2), (tokenizer.BosTokenId, tokenizer.EosTokenId));
        Assert.Equal(["a", "</s>", "<s>"], tokenizer.Tokens("a</s><s>"));
    }
}
