using System.Text.Json;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Reads a <c>tokenizer.json</c> in one pass; vocabulary and merges, which are nearly all of it, without an object for each value.</summary>
internal sealed class TokenizerFileReader
{
    private readonly string path;
    private readonly Dictionary<string, JsonElement> parts = [];
    private readonly Dictionary<string, JsonElement> model = [];
    private readonly List<(string Left, string Right)> merges = [];
    private Dictionary<string, int>? vocabulary;
    private bool hasMerges;

    private TokenizerFileReader(string path) => this.path = path;

    /// <summary>A part of the file other than the model; a null value if missing.</summary>
    public JsonPlace this[string name] => new(path, name, parts.GetValueOrDefault(name));

    /// <summary>Reads the bytes.</summary>
    public static TokenizerFileReader Read(string path, byte[] json)
    {
        TokenizerFileReader file = new(path);
        Utf8JsonReader reader = new(JsonFile.WithoutMark(json).Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw file.Error("the whole", $"not an object; {TokenizerFile.Remedy}");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == "model" && reader.TokenType == JsonTokenType.StartObject) file.ReadModel(ref reader);
            else file.parts[name] = JsonElement.ParseValue(ref reader);
        }

        // Reading on shows whether anything but white space follows.
        reader.Read();
        return file;
    }

    /// <summary>Builds the model.</summary>
    public ITokenModel BuildModel() => Model("type").TextOrNull() switch
    {
        null or "BPE" => BuildBpe(),
        "Unigram" => BuildUnigram(),
        { } type => throw Model("type").Error($"'{type}' models are not supported, only BPE and Unigram; use a model with such a tokenizer"),
    };

    private UnigramModel BuildUnigram()
    {
        List<JsonPlace> items = Model("vocab").Items();
        Dictionary<string, int> tokens = new(items.Count, StringComparer.Ordinal);
        double[] scores = new double[items.Count];
        for (int id = 0; id < items.Count; id++)
        {
            List<JsonPlace> pair = items[id].Items();
            if (pair.Count != 2) throw items[id].Error($"not a pair of token and score; {TokenizerFile.Remedy}");
            scores[id] = pair[1].Value.ValueKind == JsonValueKind.Number && pair[1].Value.TryGetDouble(out double score) && double.IsFinite(score)
                ? score
                : throw pair[1].Error($"the score of '{pair[0].Text()}' is not a finite number; {TokenizerFile.Remedy}");
            if (tokens.TryAdd(pair[0].Text(), id)) continue;
            throw items[id].Error($"'{pair[0].Text()}' is listed twice, every token has one id; {TokenizerFile.Remedy}");
        }

        if (items.Count == 0) throw Error("model.vocab", $"missing or empty, a list of tokens and scores is needed; {TokenizerFile.Remedy}");
        int unknown = Model("unk_id").IsNull ? -1 : Model("unk_id").Number(items.Count - 1);
        return new UnigramModel(tokens, scores, unknown, Model("byte_fallback").Flag(false), path);
    }

    private BpeModel BuildBpe()
    {
        if (vocabulary is null) throw Error("model.vocab", $"missing, an object of tokens and ids is needed; {TokenizerFile.Remedy}");
        if (!hasMerges) throw Error("model.merges", $"missing, a list is needed, or every word falls apart into characters; {TokenizerFile.Remedy}");
        if (!Model("dropout").IsNull && Model("dropout").Value.GetRawText() is not ("0" or "0.0"))
        {
            throw Model("dropout").Error($"{Model("dropout").Value.GetRawText()} makes encoding random; set it to null");
        }

        string? unknown = Model("unk_token").TextOrNull() is { Length: > 0 } token && vocabulary.ContainsKey(token) ? token : null;
        BpeOptions options = new()
        {
            ContinuingPrefix = Model("continuing_subword_prefix").TextOrNull() ?? "",
            EndSuffix = Model("end_of_word_suffix").TextOrNull() ?? "",
            FuseUnknown = Model("fuse_unk").Flag(false),
            ByteFallback = Model("byte_fallback").Flag(false),
            IgnoreMerges = Model("ignore_merges").Flag(false),
        };
        return new BpeModel(vocabulary, MergeIds(options.ContinuingPrefix.Length), unknown is null ? -1 : vocabulary[unknown], options);
    }

    private void ReadModel(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == "vocab" && reader.TokenType == JsonTokenType.StartObject) ReadVocabulary(ref reader);
            else if (name == "merges" && reader.TokenType == JsonTokenType.StartArray) ReadMerges(ref reader);
            else model[name] = JsonElement.ParseValue(ref reader);
        }
    }

    private void ReadVocabulary(ref Utf8JsonReader reader)
    {
        vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        HashSet<int> ids = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string token = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id) || id < 0 || id > TokenizerFile.HighestId)
            {
                throw Error($"model.vocab[\"{token}\"]", $"not a whole number from 0 to {TokenizerFile.HighestId}; {TokenizerFile.Remedy}");
            }

            if (!vocabulary.TryAdd(token, id))
            {
                throw Error($"model.vocab[\"{token}\"]", $"listed twice, every token has one id; {TokenizerFile.Remedy}");
            }

            if (!ids.Add(id))
            {
                string other = vocabulary.First(entry => entry.Value == id).Key;
                throw Error($"model.vocab[\"{token}\"]", $"id {id} also belongs to \"{other}\", every id has one token; {TokenizerFile.Remedy}");
            }
        }
    }

    private void ReadMerges(ref Utf8JsonReader reader)
    {
        hasMerges = true;
        merges.Clear();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                string line = reader.GetString()!;
                int space = line.IndexOf(' ');
                if (merges.Count == 0 && line.StartsWith("#version", StringComparison.Ordinal)) continue;
                if (space < 0 || line.IndexOf(' ', space + 1) >= 0) throw BadMerge($"\"{line}\" is not two tokens with one space between them");
                merges.Add((line[..space], line[(space + 1)..]));
            }
            else
            {
                if (reader.TokenType != JsonTokenType.StartArray) throw BadMerge("neither a text nor a pair of texts");
                string left = Part(ref reader), right = Part(ref reader);
                if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray) throw BadMerge("more than two tokens");
                merges.Add((left, right));
            }
        }
    }

    private string Part(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw BadMerge("not a pair of texts");

    private List<(int Left, int Right, int Result)> MergeIds(int prefixLength)
    {
        List<(int, int, int)> ids = new(merges.Count);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = vocabulary!.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> joined = new char[Math.Max(1, vocabulary.Keys.Max(token => (int?)token.Length) ?? 1)];
        foreach ((string left, string right) in merges)
        {
            if (!vocabulary.TryGetValue(left, out int leftId)) throw Missing(ids.Count, left);
            if (!vocabulary.TryGetValue(right, out int rightId)) throw Missing(ids.Count, right);
            ReadOnlySpan<char> added = right.AsSpan(Math.Min(prefixLength, right.Length));
            int length = left.Length + added.Length;
            if (length > joined.Length) throw Missing(ids.Count, string.Concat(left, added));
            left.CopyTo(joined);
            added.CopyTo(joined[left.Length..]);
            if (!lookup.TryGetValue(joined[..length], out int resultId)) throw Missing(ids.Count, joined[..length].ToString());
            ids.Add((leftId, rightId, resultId));
        }

        return ids;
    }

    private JsonPlace Model(string name) => new(path, $"model.{name}", model.GetValueOrDefault(name));

    private InvalidDataException Missing(int merge, string token) => Error(
        $"model.merges[{merge}]",
        $"\"{merges[merge].Left}\" with \"{merges[merge].Right}\" needs the token \"{token}\", which is not in model.vocab; {TokenizerFile.Remedy}");

    private InvalidDataException BadMerge(string problem) => Error($"model.merges[{merges.Count}]", $"{problem}; {TokenizerFile.Remedy}");

    private InvalidDataException Error(string place, string problem) => new($"{path}: {place}: {problem}");
}
