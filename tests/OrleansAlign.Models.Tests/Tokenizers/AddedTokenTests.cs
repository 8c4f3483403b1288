using System.Text.Json.Nodes;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

public class AddedTokenTests
{
    private static readonly string[] Alphabet = [.. "abcdehlnorstwxyz<>|/_▁ \n".Select(c => c.ToString())];

    [Fact]
    public void The_leftmost_token_wins_and_of_those_the_longest()
    {
        Tokenizer tokenizer = Of(null, ("<a>", []), ("<a><b>", []), ("b><", []));
        Assert.Equal(["x", "<a><b>", "<a>", "x"], tokenizer.Tokens("x<a><b><a>x"));
        Assert.Equal(["<a>", "<", "b", ">"], Of(null, ("<a>", []), ("><b", [])).Tokens("<a><b>"));
    }

    [Fact]
    public void White_space_is_stripped_on_the_sides_that_ask_for_it()
    {
        Assert.Equal(["a", "<x>", " ", "b"], Of(null, ("<x>", ["lstrip"])).Tokens("a \n <x> b"));
        Assert.Equal(["a", " ", "<x>", "b"], Of(null, ("<x>", ["rstrip"])).Tokens("a <x> \n b"));
        Assert.Equal(["<x>", "<x>", "b"], Of(null, ("<x>", ["lstrip", "rstrip"])).Tokens(" <x> <x> b"));
    }

    [Fact]
    public void A_single_word_token_stands_alone()
    {
        Tokenizer tokenizer = Of(null, ("he", ["single_word"]));
        Assert.Equal(["he", " ", "s", "h", "e", "<", "he", ">"], tokenizer.Tokens("he she<he>"));
        Assert.Equal(["h", "e", "_"], tokenizer.Tokens("he_"));
    }

    [Fact]
    public void A_normalized_token_is_found_after_the_normalizer()
    {
        JsonNode lower = new JsonObject { ["type"] = "Lowercase" };
        Assert.Equal(["<yes>", " ", "n"], Of(lower, ("<yes>", ["normalized"])).Tokens("<YES> N"));
        Assert.Equal(["<Yes>"], Of(lower, ("<Yes>", ["normalized"])).Tokens("<yEs>"));
        Assert.Equal(["<", "y", "e", "s", ">"], Of(lower, ("<yes>", [])).Tokens("<YES>"));
        Assert.Equal(["<yes>"], Of(lower, ("<yes>", [])).Tokens("<yes>"));
    }

    [Fact]
    public void A_normalizer_that_prepends_does_so_after_each_special_token()
    {
        Tokenizer tokenizer = Of(TestTokenizer.Node("""{"type":"Prepend","prepend":"▁"}"""), ("<s>", ["special"]));
        Assert.Equal(["▁", "a", "<s>", "▁", "b"], tokenizer.Tokens("a<s>b"));
    }

    [Fact]
    public void The_configuration_adds_tokens_and_names_special_ones()
    {
        const string Config = """
            {"added_tokens_decoder":{"30":{"content":"<new>","special":true},"24":{"content":"<s>","lstrip":true}},
             "bos_token":{"content":"<s>"},"eos_token":"<new>","pad_token":"a","unk_token":null,"additional_special_tokens":["b","<none>"]}
            """;
        Tokenizer tokenizer = TestTokenizer.Read(Json(null, ("<s>", [])), Config);
        Assert.Equal(31, tokenizer.VocabularySize);
        Assert.Equal((24, 30, 0), (tokenizer.BosTokenId, tokenizer.EosTokenId, tokenizer.PadTokenId));
        Assert.Equal(["x", "<s>", "<new>", "b"], tokenizer.Tokens("x <s><new>b"));
        Assert.Equal([2], new[] { 24, 30, 1, 2 }.Where(id => tokenizer.Decode([id]).Length > 0));
        Assert.Equal("xc", tokenizer.Decode(tokenizer.Encode("x<s>c<new>b")));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.TokenOf(28));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.TokenOf(-1));
        Assert.Equal("x", tokenizer.Decode([28, 999, -5, tokenizer.IdOf("x")!.Value]));
    }

    [Theory]
    [InlineData("<|x|>", true, true)]
    [InlineData("<think>", false, true)]
    [InlineData("<｜User｜>", false, true)]
    [InlineData("    ", false, false)]
    [InlineData("▁▁", false, false)]
    [InlineData("covid", false, false)]
    [InlineData("user", true, true)]
    public void Control_tokens_are_the_special_ones_and_those_that_are_not_merely_words(string content, bool special, bool control) =>
        Assert.Equal(control, new AddedToken(content) { Special = special }.IsControl);

    private static Tokenizer Of(JsonNode? normalizer, params (string Content, string[] Flags)[] added) => TestTokenizer.Read(Json(normalizer, added));

    private static string Json(JsonNode? normalizer, params (string Content, string[] Flags)[] added) => TestTokenizer.Json(Alphabet, [], json =>
    {
        json["normalizer"] = normalizer?.DeepClone();
        json["added_tokens"] = new JsonArray([.. added.Select((token, i) => TestTokenizer.Added(Alphabet.Length + i, token.Content, token.Flags))]);
    });
}
