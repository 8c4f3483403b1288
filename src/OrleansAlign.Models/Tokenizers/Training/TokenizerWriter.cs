using System.Globalization;
using System.Text.Json.Nodes;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Writes a trained tokenizer in the published format, as Hugging Face's tokenizers and transformers read it.</summary>
internal static class TokenizerWriter
{
    /// <summary>The files of a tokenizer with these tokens, by id, and merges, by rank.</summary>
    public static TokenizerFolder Write(IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges, BpeTrainerOptions options) =>
        new("the trained tokenizer", new Dictionary<string, byte[]>
        {
            [TokenizerFolder.Main] = TokenizerFolder.Serialize(Main(tokens, merges, options)),
            [TokenizerFolder.Config] = TokenizerFolder.Serialize(Config(options)),
        });

    private static JsonObject Main(IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges, BpeTrainerOptions options) => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. options.AllSpecialTokens.Select((token, id) => Special(token, id))]),
        ["normalizer"] = null,
        ["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "Split",
                    ["pattern"] = new JsonObject { ["Regex"] = PreTokenizerReader.Llama3Pattern },
                    ["behavior"] = "Isolated",
                    ["invert"] = false,
                },
                ByteLevel()),
        },
        ["post_processor"] = ByteLevel(),
        ["decoder"] = ByteLevel(),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = false,
            ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)$"{merge.Left} {merge.Right}")]),
        },
    };

    private static JsonObject ByteLevel() =>
        new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = false, ["use_regex"] = false };

    private static JsonObject Config(BpeTrainerOptions options)
    {
        JsonObject config = new()
        {
            ["add_bos_token"] = false,
            ["add_eos_token"] = false,
            ["added_tokens_decoder"] = new JsonObject(options.AllSpecialTokens.Select((token, id) =>
                KeyValuePair.Create(id.ToString(CultureInfo.InvariantCulture), (JsonNode?)Special(token, null)))),
            ["bos_token"] = null,
            ["chat_template"] = options.ChatTemplate,
            ["clean_up_tokenization_spaces"] = false,
            ["eos_token"] = options.EosToken,
            ["pad_token"] = null,
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["unk_token"] = null,
        };
        if (options.ChatTemplate is null) config.Remove("chat_template");
        return config;
    }

    private static JsonObject Special(string content, int? id)
    {
        JsonObject token = new()
        {
            ["content"] = content, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true,
        };
        if (id is not null) token.Insert(0, "id", id);
        return token;
    }
}
