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

    [Fact]
    public void Named_chat_templates_are_saved_and_copied_with_the_tokenizer()
    {
        string root = Directory.CreateTempSubdirectory("align-named-").FullName;
        try
        {
            string from = Path.Combine(root, "from"), saved = Path.Combine(root, "saved"), copied = Path.Combine(root, "copied");
            Directory.CreateDirectory(Path.Combine(from, "additional_chat_templates"));
            Dictionary<string, string> files = new()
            {
                ["tokenizer.json"] = TestTokenizer.Json(["a"], []),
                ["chat_template.jinja"] = "d",
                [Path.Combine("additional_chat_templates", "tool_use.jinja")] = "t",
                [Path.Combine("additional_chat_templates", "rag.jinja")] = "r",
            };
            foreach ((string name, string text) in files) File.WriteAllText(Path.Combine(from, name), text);
            File.WriteAllText(Path.Combine(from, "notes.txt"), "not the tokenizer's");

            Tokenizer.Load(from).Save(saved);
            Directory.CreateDirectory(copied);
            Tokenizer.CopyFiles(from, copied);

            foreach (string to in (string[])[saved, copied])
            {
                string[] found = [.. Directory.GetFiles(to, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(to, file))];
                Assert.Equal(files.Keys.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
                Assert.All(files, file => Assert.Equal(file.Value, File.ReadAllText(Path.Combine(to, file.Key))));
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void A_pointer_of_git_lfs_is_named_as_one()
    {
        string folder = Directory.CreateTempSubdirectory("align-lfs-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "tokenizer.json"), "version https://git-lfs.github.com/spec/v1\noid sha256:4665\nsize 5\n");
            string message = Assert.Throws<InvalidDataException>(() => Tokenizer.Load(folder)).Message;
            Assert.Contains("tokenizer.json: it is a Git LFS pointer", message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void An_added_token_beyond_the_model_s_ids_fails_only_when_it_is_used()
    {
        string folder = Directory.CreateTempSubdirectory("align-beyond-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "tokenizer.json"), TestTokenizer.Json(["a", "b"], [], file =>
                file["added_tokens"] = new System.Text.Json.Nodes.JsonArray(TestTokenizer.Added(2, "<pad>", "special"))));
            Tokenizer tokenizer = Tokenizer.Load(folder, 2);
            Assert.Equal([0, 1], tokenizer.Encode("ab"));
            string used = Assert.Throws<InvalidDataException>(() => tokenizer.Encode("a<pad>")).Message;
            Assert.Contains("token '<pad>' has id 2, but the model's vocab_size is 2", used, StringComparison.Ordinal);
            Assert.Equal([0, 2], Tokenizer.Load(folder, 3).Encode("a<pad>"));
            string other = Assert.Throws<InvalidDataException>(() => Tokenizer.Load(folder, 1)).Message;
            Assert.Contains("such as 1 for 'b', but the model's vocab_size is 1", other, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
