using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Writes a trained tokenizer in the published format, as Hugging Face's tokenizers and transformers read it.</summary>
internal static class TokenizerWriter
{
    private static readonly JsonWriterOptions Written = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A preset's pattern, as published.</summary>
    public static string PatternOf(SplitPattern pattern) => pattern switch
    {
        SplitPattern.Gpt2 => PreTokenizerReader.Gpt2Pattern,
        SplitPattern.Llama3 => PreTokenizerReader.Llama3Pattern,
        _ => PreTokenizerReader.QwenPattern,
    };

    /// <summary>The files of a tokenizer with these tokens, by id, and merges, by rank.</summary>
    public static TokenizerFolder Write(IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges, BpeTrainerOptions options) =>
        new("the trained tokenizer", new Dictionary<string, byte[]>
        {
            [TokenizerFolder.Main] = Json(writer => WriteMain(writer, tokens, merges, options)),
            [TokenizerFolder.Config] = Json(writer => WriteConfig(writer, options)),
        });

    private static byte[] Json(Action<Utf8JsonWriter> members)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, Written))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteMain(
        Utf8JsonWriter writer, IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges, BpeTrainerOptions options)
    {
        writer.WriteString("version", "1.0");
        writer.WriteNull("truncation");
        writer.WriteNull("padding");
        writer.WriteStartArray("added_tokens");
        for (int id = 0; id < options.AllSpecialTokens.Count; id++)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", id);
            WriteSpecial(writer, tokens[id]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNull("normalizer");
        WriteSteps(writer, tokens, options);
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        foreach (string name in new[] { "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix" }) writer.WriteNull(name);
        foreach (string name in new[] { "fuse_unk", "byte_fallback", "ignore_merges" }) writer.WriteBoolean(name, false);
        writer.WriteStartObject("vocab");
        for (int id = 0; id < tokens.Count; id++) writer.WriteNumber(tokens[id], id);
        writer.WriteEndObject();
        writer.WriteStartArray("merges");
        foreach ((string left, string right) in merges) writer.WriteStringValue($"{left} {right}");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteSteps(Utf8JsonWriter writer, IReadOnlyList<string> tokens, BpeTrainerOptions options)
    {
        writer.WriteStartObject("pre_tokenizer");
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("pretokenizers");
        writer.WriteStartObject();
        writer.WriteString("type", "Split");
        writer.WriteStartObject("pattern");
        writer.WriteString("Regex", PatternOf(options.Pattern));
        writer.WriteEndObject();
        writer.WriteString("behavior", "Isolated");
        writer.WriteBoolean("invert", false);
        writer.WriteEndObject();
        writer.WriteStartObject();
        WriteByteLevel(writer);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartObject("post_processor");
        if (options.AddBosToken || options.AddEosToken) WriteTemplate(writer, tokens, options);
        else WriteByteLevel(writer);
        writer.WriteEndObject();
        writer.WriteStartObject("decoder");
        WriteByteLevel(writer);
        writer.WriteEndObject();
    }

    private static void WriteByteLevel(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "ByteLevel");
        foreach (string name in new[] { "add_prefix_space", "trim_offsets", "use_regex" }) writer.WriteBoolean(name, false);
    }

    private static void WriteTemplate(Utf8JsonWriter writer, IReadOnlyList<string> tokens, BpeTrainerOptions options)
    {
        string? bos = options.AddBosToken ? options.BosToken : null, eos = options.AddEosToken ? options.EosToken : null;
        writer.WriteString("type", "TemplateProcessing");
        foreach ((string name, string[] sequences) in new[] { ("single", new[] { "A" }), ("pair", ["A", "B"]) })
        {
            writer.WriteStartArray(name);
            for (int type = 0; type < sequences.Length; type++)
            {
                if (bos is not null) WritePiece(writer, "SpecialToken", bos, type);
                WritePiece(writer, "Sequence", sequences[type], type);
                if (eos is not null) WritePiece(writer, "SpecialToken", eos, type);
            }

            writer.WriteEndArray();
        }

        writer.WriteStartObject("special_tokens");
        foreach (string token in new[] { bos, eos }.OfType<string>().Distinct())
        {
            writer.WriteStartObject(token);
            writer.WriteString("id", token);
            writer.WriteStartArray("ids");
            writer.WriteNumberValue(tokens.ToList().IndexOf(token));
            writer.WriteEndArray();
            writer.WriteStartArray("tokens");
            writer.WriteStringValue(token);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WritePiece(Utf8JsonWriter writer, string kind, string id, int type)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(kind);
        writer.WriteString("id", id);
        writer.WriteNumber("type_id", type);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteConfig(Utf8JsonWriter writer, BpeTrainerOptions options)
    {
        writer.WriteBoolean("add_bos_token", options.AddBosToken);
        writer.WriteBoolean("add_eos_token", options.AddEosToken);
        writer.WriteStartObject("added_tokens_decoder");
        for (int id = 0; id < options.AllSpecialTokens.Count; id++)
        {
            writer.WriteStartObject(id.ToString());
            WriteSpecial(writer, options.AllSpecialTokens[id]);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteString("bos_token", options.BosToken);
        if (options.ChatTemplate is not null) writer.WriteString("chat_template", options.ChatTemplate);
        writer.WriteBoolean("clean_up_tokenization_spaces", false);
        writer.WriteString("eos_token", options.EosToken);
        writer.WriteString("pad_token", options.PadToken);
        writer.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        writer.WriteNull("unk_token");
    }

    private static void WriteSpecial(Utf8JsonWriter writer, string content)
    {
        writer.WriteString("content", content);
        foreach (string name in new[] { "single_word", "lstrip", "rstrip", "normalized" }) writer.WriteBoolean(name, false);
        writer.WriteBoolean("special", true);
    }
}
