using System.Text;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class BrokenTokenizerTests
{
    [Fact]
    public void Whatever_byte_is_changed_or_cut_off_a_file_is_read_or_refused()
    {
        Tokenizer trained = BpeTrainer.Train(["ab abc abcd ab"], new BpeTrainerOptions { VocabularySize = 262, SpecialTokens = ["<s>"] });
        string folder = Path.Combine(Path.GetTempPath(), $"broken-{Environment.ProcessId}");
        trained.Save(folder);
        byte[] main = File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")), config = File.ReadAllBytes(Path.Combine(folder,
            "tokenizer_config.json"));
        Directory.Delete(folder, recursive: true);
        JsonNode json = JsonNode.Parse(main)!;
        json["post_processor"] = JsonNode.Parse("""
            {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
             "special_tokens":{"<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]}}}
            """);
        main = Encoding.UTF8.GetBytes(json.ToJsonString());
        Assert.Equal([0, 257], Read(main, config).Encode("ab", addSpecialTokens: true)[..2]);
        int read = 0, refused = 0;
        for (int at = 0; at < main.Length; at++)
        {
            Try(main[..at], config);
            byte changed = at % 2 == 0 ? (byte)(main[at] ^ (1 << (at / 2 % 8))) : (byte)"9\"{-]\0"[at / 2 % 6];
            Try([.. main[..at], changed, .. main[(at + 1)..]], config);
        }

        for (int at = 0; at < config.Length; at++)
        {
            Try(main, config[..at]);
            Try(main, [.. config[..at], (byte)(config[at] ^ (1 << (at % 8))), .. config[(at + 1)..]]);
        }

        Assert.True(read > 500 && refused > 5000, $"{read} read, {refused} refused");

        void Try(byte[] changedMain, byte[] changedConfig)
        {
            try
            {
                Tokenizer tokenizer = Read(changedMain, changedConfig);
                tokenizer.Decode(tokenizer.Encode("ab <s> 1234 ab!?\n"));
                read++;
            }
            catch (InvalidDataException e)
            {
                Assert.Contains("tokenizer", e.Message, StringComparison.Ordinal);
                refused++;
            }
        }
    }

    [Theory]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}""", "model.merges[0]", "\"ab\"")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"b":0,"ab":1},"merges":["a b"]}}""", "model.merges[0]", "\"a\"")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"ab":1},"merges":[["a","b"]]}}""", "model.merges[0]", "\"b\"")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["ab"]}}""", "model.merges[0]", "one space")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b c"]}}""", "model.merges[0]", "one space")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a","b","c"]]}}""", "model.merges[0]", "more than two")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}}""", "model.merges[0]", "pair")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[7]}}""", "model.merges[0]", "pair")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0}}}""", "model.merges", "missing")]
    [InlineData("""{"model":{"type":"BPE","merges":[]}}""", "model.vocab", "missing")]
    [InlineData("""{"model":null}""", "model.vocab", "missing")]
    [InlineData("{}", "model.vocab", "missing")]
    [InlineData("[]", "the whole", "object")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0}}}""", "model.type", "'WordPiece'")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":0}}}""", "model.type", "only BPE and Unigram")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[]}}""", "model.vocab", "missing or empty")]
    [InlineData("""{"model":{"type":"Unigram","vocab":{"a":0}}}""", "model.vocab", "list")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a"]]}}""", "model.vocab[0]", "pair")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a",1e999]]}}""", "model.vocab[0][1]", "finite")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a","b"]]}}""", "model.vocab[0][1]", "finite")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a",0],["a",1]]}}""", "model.vocab[1]", "twice")]
    [InlineData("""{"model":{"type":"Unigram","unk_id":1,"vocab":[["a",0]]}}""", "model.unk_id", "from 0 to 0")]
    [InlineData("""{"normalizer":{"type":"Precompiled"},"model":{"vocab":{},"merges":[]}}""", "normalizer.precompiled_charsmap", "missing")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}}""", "model.vocab[\"b\"]", "also belongs to \"a\"")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"a":1},"merges":[]}}""", "model.vocab[\"a\"]", "twice")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}""", "model.vocab[\"a\"]", "whole number")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":4194304},"merges":[]}}""", "model.vocab[\"a\"]", "4194303")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":99999999999999999999},"merges":[]}}""", "model.vocab[\"a\"]", "whole number")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":"0"},"merges":[]}}""", "model.vocab[\"a\"]", "whole number")]
    [InlineData("""{"model":{"type":"BPE","dropout":0.1,"vocab":{"a":0},"merges":[]}}""", "model.dropout", "0.1")]
    [InlineData("""{"model":{"type":"BPE","fuse_unk":1,"vocab":{"a":0},"merges":[]}}""", "model.fuse_unk", "1")]
    [InlineData("""{"added_tokens":[{"id":0,"content":"b"}],"model":{"vocab":{"a":0},"merges":[]}}""", "added_tokens[0]", "also belongs to \"a\"")]
    [InlineData("""{"added_tokens":[{"id":1,"content":"a"}],"model":{"vocab":{"a":0},"merges":[]}}""", "added_tokens[0]", "id 1 here and 0 elsewhere")]
    [InlineData("""{"added_tokens":[{"id":1000000000,"content":"a"}],"model":{"vocab":{},"merges":[]}}""", "added_tokens[0].id", "1000000000")]
    [InlineData("""{"added_tokens":[{"content":"a"}],"model":{"vocab":{},"merges":[]}}""", "added_tokens[0].id", "missing")]
    [InlineData("""{"added_tokens":{},"model":{"vocab":{},"merges":[]}}""", "added_tokens", "list")]
    [InlineData("""{"version":"2.0","model":{"vocab":{},"merges":[]}}""", "version", "2.0")]
    [InlineData("""{"decoder":{"type":"CTC"},"model":{"vocab":{},"merges":[]}}""", "decoder.type", "'CTC'")]
    [InlineData("{\"model\":\n {\"vocab\": oops}}", "line 2, byte 12", "not JSON")]
    [InlineData("""{"model":{"vocab":{"\uD800":0},"merges":[]}}""", "tokenizer.json", "not Unicode")]
    [InlineData("""{"model":{"vocab":{},"merges":[]}} x""", "line 1", "not JSON")]
    [InlineData("", "line 1", "not JSON")]
    public void A_complaint_names_file_place_and_rule(string json, string place, string rule)
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => TestTokenizer.Read(json));
        Assert.StartsWith(Path.Combine("here", "tokenizer.json"), e.Message, StringComparison.Ordinal);
        Assert.Contains(place, e.Message, StringComparison.Ordinal);
        Assert.Contains(rule, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("[]", "object")]
    [InlineData("""{"bos_token":3}""", "bos_token")]
    [InlineData("""{"added_tokens_decoder":{"x":{"content":"a"}}}""", "added_tokens_decoder.x")]
    [InlineData("""{"added_tokens_decoder":{"-1":{"content":"a"}}}""", "added_tokens_decoder.-1")]
    [InlineData("""{"added_tokens_decoder":{"0":{"content":"b"}}}""", "also belongs to")]
    [InlineData("""{"additional_special_tokens":"x"}""", "additional_special_tokens")]
    [InlineData("{", "not JSON")]
    public void A_broken_configuration_is_named(string config, string named)
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => TestTokenizer.Of(["a"], [], config: config));
        Assert.StartsWith(Path.Combine("here", "tokenizer_config.json"), e.Message, StringComparison.Ordinal);
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        string folder = Path.Combine(Path.GetTempPath(), "no-such-folder");
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => Tokenizer.Load(folder));
        Assert.Contains(Path.Combine(folder, "tokenizer.json"), e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("normalizer", "normalizers")]
    [InlineData("pre_tokenizer", "pretokenizers")]
    [InlineData("decoder", "decoders")]
    [InlineData("post_processor", "processors")]
    public void Steps_that_nest_without_end_are_refused(string part, string list)
    {
        string nested = string.Concat(Enumerable.Repeat($"{{\"type\":\"Sequence\",\"{list}\":[", 20_000))
            + string.Concat(Enumerable.Repeat("]}", 20_000));
        Assert.Throws<InvalidDataException>(() => TestTokenizer.Read($"{{\"{part}\":{nested},\"model\":{{\"vocab\":{{}},\"merges\":[]}}}}"));
    }

    [Fact]
    public void A_byte_order_mark_is_no_error()
    {
        byte[] json = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(TestTokenizer.Json(["a"], []))];
        Assert.Equal([0], Read(json, [0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}']).Encode("a"));
    }

    [Fact]
    public void Merges_without_a_type_of_model_are_byte_pairs()
    {
        JsonObject json = TestTokenizer.Node(TestTokenizer.Json(["a", "b", "ab"], ["#version: 0.2", "a b"])).AsObject();
        json["model"]!.AsObject().Remove("type");
        json["model"]!["unk_token"] = "";
        Assert.Equal([2], TestTokenizer.Read(json.ToJsonString()).Encode("ab"));
    }

    private static Tokenizer Read(byte[] main, byte[] config) =>
        new(new TokenizerFolder("tokenizer", new Dictionary<string, byte[]> { ["tokenizer.json"] = main, ["tokenizer_config.json"] = config }));
}
