using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Models.Tests.Tokenizers;

/// <summary>Small tokenizers, spelt out.</summary>
internal static class TestTokenizer
{
    /// <summary>A tokenizer of these tokens, with ids in order, and merges ("a b"); <paramref name="change"/> may set any other part.</summary>
    public static Tokenizer Of(IEnumerable<string> tokens, IEnumerable<string> merges, Action<JsonObject>? change = null, string? config = null) =>
        Read(Json(tokens, merges, change), config);

    public static string Json(IEnumerable<string> tokens, IEnumerable<string> merges, Action<JsonObject>? change = null)
    {
        JsonObject vocabulary = [];
        foreach (string token in tokens) vocabulary[token] = vocabulary.Count;
        JsonObject json = new()
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null,
            ["pre_tokenizer"] = null,
            ["post_processor"] = null,
            ["decoder"] = new JsonObject { ["type"] = "Fuse" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray([.. merges.Select(merge =>
                JsonValue.Create(merge))]) },
        };
        change?.Invoke(json);
        return json.ToJsonString();
    }

    public static Tokenizer Read(string json, string? config = null)
    {
        Dictionary<string, byte[]> files = new() { ["tokenizer.json"] = Encoding.UTF8.GetBytes(json) };
        if (config is not null) files["tokenizer_config.json"] = Encoding.UTF8.GetBytes(config);
        return new Tokenizer(new TokenizerFolder("here", files));
    }

    /// <summary>An added token; flags by name.</summary>
    public static JsonObject Added(int id, string content, params string[] flags)
    {
        JsonObject token = new() { ["id"] = id, ["content"] = content };
        foreach (string flag in new[] { "single_word", "lstrip", "rstrip", "normalized", "special" }) token[flag] = flags.Contains(flag);
        return token;
    }

    public static JsonNode Node(string json) => JsonNode.Parse(json)!;

    /// <summary>The tokens that a text becomes, as the vocabulary spells them.</summary>
    public static string[] Tokens(this Tokenizer tokenizer, string text) => [.. tokenizer.Encode(text).Select(tokenizer.TokenOf)];

    /// <summary>What a pre-tokenizer makes of a text.</summary>
    public static string[] Words(string preTokenizer, string text, bool startsInput = true)
    {
        using JsonDocument document = JsonDocument.Parse(preTokenizer);
        PieceList list = new(text, [new TextRange(0, text.Length)], startsInput);
        PreTokenizerReader.Read(new JsonPlace("here", "pre_tokenizer", document.RootElement))!.Apply(list);
        return [.. list.Pieces.Select(piece => list.Of(piece).ToString())];
    }

    /// <summary>What a scanner finds in a text.</summary>
    public static string[] Matches(this Scanner scanner, string text)
    {
        List<TextRange> matches = [];
        scanner.Find(text, matches);
        return [.. matches.Select(match => text.Substring(match.Start, match.Length))];
    }

    /// <summary>Random texts of characters that tokenizers stumble over.</summary>
    public static string RandomText(ulong seed, int length)
    {
        string[] pieces =
        [
            "a", "s", "t", "Ll", "re", "'", "'s", "'S", "'ſ", "'LL", "é", "ß", "ſ", "İ", "你", "好", "ا", "न", "म", "\u0301", "\u0300", "ा",
            "Ⅷ", "½", "1", "23", "٣", "𝟘",
            "𝒳", "𐐷", "𠀀", "🙂", "👩‍👧", "🇫🇷", " ", "  ", "\t", "\n", "\r\n", "\u0085", "\u00A0", "\u2028", "\u001C", "\u200B", "\u200D",
            ".", "!!", "/", "<", ">", "|", "▁", "…",
            "\0", "\uE000", "\uFFFD", "가", "ᄀ", "ᅡ", "ᆨ", "Ǆ", "ǅ", "ʰ",
        ];
        StringBuilder text = new();
        for (ulong i = 0; i < (ulong)length; i++) text.Append(pieces[CounterRandom.Integer(seed, i, pieces.Length)]);
        return text.ToString();
    }
}
