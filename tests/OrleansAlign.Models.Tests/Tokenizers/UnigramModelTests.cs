using System.Text.Json.Nodes;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Text;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class UnigramModelTests
{
    private static readonly (string, double)[] Worked =
    [
        ("<unk>", 0), ("ab", 0), ("cd", -0.1), ("abc", -0.2), ("a", -0.3), ("b", -0.4), ("c", -0.5), ("ABC", -0.5), ("abcdabcd", 20), ("q", 20.5),
        ("r", 20.5), ("qr", -0.5),
    ];

    /// <summary>The cases of SentencePiece's own test of its unigram model; neighbouring unknown characters are one token.</summary>
    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("AB", "<unk>")]
    [InlineData("abcd", "ab cd")]
    [InlineData("abcc", "abc c")]
    [InlineData("xabcabaabcdd", "<unk> abc ab a ab cd <unk>")]
    [InlineData("xyz東京", "<unk>")]
    [InlineData("ABC", "ABC")]
    [InlineData("abABCcd", "ab ABC cd")]
    [InlineData("ababcdabcdcd", "ab abcdabcd cd")]
    [InlineData("abqrcd", "ab q r cd")]
    [InlineData("", "")]
    public void The_tokens_of_the_greatest_sum_are_taken(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Of(Worked).Tokens(text)));

    [Fact]
    public void No_other_way_to_cut_a_text_has_a_greater_sum()
    {
        const string Letters = "abc";
        for (ulong seed = 0; seed < 60; seed++)
        {
            Dictionary<string, double> scores = new() { ["a"] = -3, ["b"] = -3.5, ["c"] = -4 };
            for (ulong i = 0; scores.Count < 14; i++)
            {
                string token = string.Concat(Enumerable.Range(0, 2 + CounterRandom.Integer(seed, 100 + i, 3))
                    .Select(k => Letters[CounterRandom.Integer(seed, (200 + (i * 8)) + (ulong)k, 3)]));
                scores.TryAdd(token, -8 * CounterRandom.Uniform(seed, 5000 + i));
            }

            Tokenizer tokenizer = Of([("<unk>", 0), .. scores.Select(entry => (entry.Key, entry.Value))]);
            for (ulong j = 0; j < 10; j++)
            {
                string text = string.Concat(Enumerable.Range(0, 12).Select(k => Letters[CounterRandom.Integer(seed, 9000 + (20 * j) + (ulong)k, 3)]));
                string[] tokens = tokenizer.Tokens(text);
                Assert.Equal(text, string.Concat(tokens));
                Assert.Equal(Best(text, scores), tokens.Sum(token => scores[token]), 9);
            }
        }
    }

    [Fact]
    public void Unknown_characters_become_their_bytes()
    {
        (string, double)[] bytes = [.. Enumerable.Range(0, 256).Select(b => ($"<0x{b:X2}>", 0.0))];
        Tokenizer tokenizer = Of([("<unk>", 0), ("a", -1), .. bytes], model => model["byte_fallback"] = true);
        Assert.Equal(["a", "<0xC3>", "<0xA9>", "<0xC3>", "<0xA8>", "a"], tokenizer.Tokens("aéèa"));
        Assert.Equal(["a", "<unk>", "a"], Of([("<unk>", 0), ("a", -1)], model => model["byte_fallback"] = true).Tokens("aéèa"));
    }

    [Fact]
    public void Without_an_unknown_token_an_unknown_character_is_named()
    {
        Tokenizer tokenizer = Of([("a", -1)], model => model["unk_id"] = null);
        Assert.Equal([0, 0], tokenizer.Encode("aa"));
        string message = Assert.Throws<InvalidDataException>(() => tokenizer.Encode("aéa")).Message;
        Assert.Contains("model.unk_id: there is none, and 'é' is made of no tokens", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Content_never_becomes_a_control_token()
    {
        Tokenizer tokenizer = Of(
            [("<unk>", 0), ("</s>", 0), ("<", -5), ("/", -5), ("s", -5), (">", -5)], file: json =>
                json["added_tokens"] = new JsonArray(TestTokenizer.Added(1, "</s>", "special")));
        Assert.Equal([1], tokenizer.Encode("</s>"));
        Assert.Equal([2, 3, 4, 5], tokenizer.Encode(MarkedText.OfContent("</s>")));
    }

    [Fact]
    public void A_tokenizer_in_the_style_of_T5_is_read_with_all_its_steps()
    {
        Tokenizer tokenizer = Of(
            [("<pad>", 0), ("</s>", 0), ("<unk>", 0), ("▁", -2), ("▁fi", -3), ("ne", -4), ("▁a", -3), ("b", -5)],
            model => model["unk_id"] = 2,
            json =>
            {
                json["added_tokens"] = new JsonArray(
                    TestTokenizer.Added(0, "<pad>", "special"), TestTokenizer.Added(1, "</s>", "special"), TestTokenizer.Added(2, "<unk>", "special"));
                json["normalizer"] = new JsonObject
                {
                    ["type"] = "Precompiled", ["precompiled_charsmap"] = CharacterMap.Build(("ﬁ", "fi"), ("\t", " "), ("A", "a")),
                };
                json["pre_tokenizer"] = TestTokenizer.Node("""
                    {"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}]}
                    """);
                json["post_processor"] = TestTokenizer.Node("""
                    {"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],
                     "pair":[],"special_tokens":{"</s>":{"id":"</s>","ids":[1],"tokens":["</s>"]}}}
                    """);
                json["decoder"] = TestTokenizer.Node("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""");
            });
        int[] ids = tokenizer.Encode("ﬁne\tAb  ?", addSpecialTokens: true);
        Assert.Equal(["▁fi", "ne", "▁a", "b", "▁", "<unk>", "</s>"], ids.Select(tokenizer.TokenOf));
        Assert.Equal("fine ab ", tokenizer.Decode(ids));
    }

    private static double Best(string text, Dictionary<string, double> scores)
    {
        if (text.Length == 0) return 0;
        return scores.Where(entry => text.StartsWith(entry.Key, StringComparison.Ordinal)).Max(entry => entry.Value + Best(text[entry.Key.Length..], scores));
    }

    private static Tokenizer Of((string Token, double Score)[] vocabulary, Action<JsonObject>? change = null, Action<JsonObject>? file = null) =>
        TestTokenizer.Of([], [], json =>
        {
            JsonObject model = new()
            {
                ["type"] = "Unigram", ["unk_id"] = 0, ["vocab"] = new JsonArray([.. vocabulary.Select(entry => new JsonArray(entry.Token, entry.Score))]),
            };
            change?.Invoke(model);
            json["model"] = model;
            file?.Invoke(json);
        });
}
