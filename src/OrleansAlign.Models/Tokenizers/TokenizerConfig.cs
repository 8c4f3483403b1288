namespace OrleansAlign.Models.Tokenizers;

/// <summary>What <c>tokenizer_config.json</c>, and where that is silent <c>special_tokens_map.json</c>, say about a tokenizer.</summary>
internal sealed record TokenizerConfig
{
    private const string Remedy = "fetch the file again, or remove it";

    private static readonly string[] LlamaClasses = ["LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer", "CohereTokenizer"];

    private static readonly string[] SpecialNames = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>Token that starts a sequence.</summary>
    public string? BosToken { get; private init; }

    /// <summary>Token that ends a sequence.</summary>
    public string? EosToken { get; private init; }

    /// <summary>Token that fills up batches.</summary>
    public string? PadToken { get; private init; }

    /// <summary>All tokens that are named special.</summary>
    public IReadOnlyList<string> SpecialTokens { get; private init; } = [];

    /// <summary>Tokens to add, each with the place it is described at and its id.</summary>
    public IReadOnlyList<(JsonPlace Place, AddedToken Token)> AddedTokens { get; private init; } = [];

    /// <summary>Whether decoding removes spaces before punctuation.</summary>
    public bool CleansUpSpaces { get; private init; }

    /// <summary>Whether a tokenizer without a post-processor starts sequences with <see cref="BosToken"/>.</summary>
    public bool AddsBos { get; private init; }

    /// <summary>Whether a tokenizer without a post-processor ends sequences with <see cref="EosToken"/>.</summary>
    public bool AddsEos { get; private init; }

    /// <summary>Reads the two files' bytes; null where a file does not exist.</summary>
    /// <exception cref="InvalidDataException">A file is broken.</exception>
    public static TokenizerConfig Read(string configPath, byte[]? config, string mapPath, byte[]? map) => JsonFile.Guard(configPath, Remedy, () =>
    {
        JsonPlace json = config is null ? new JsonPlace(configPath, "", default) : JsonFile.Parse(configPath, Remedy, config).Required();
        JsonPlace special = map is null ? new JsonPlace(mapPath, "", default) : JsonFile.Parse(mapPath, Remedy, map).Required();
        string? Named(string name) => Content(json[name]) ?? Content(special[name]);

        List<string> all = [];
        foreach (string name in SpecialNames)
        {
            if (Named(name) is { } token) all.Add(token);
        }

        JsonPlace additional = json["additional_special_tokens"].IsNull ? special["additional_special_tokens"] : json["additional_special_tokens"];
        foreach (JsonPlace item in additional.Items())
        {
            if (Content(item) is { } token) all.Add(token);
        }

        bool isLlama = LlamaClasses.Contains((json["tokenizer_class"].TextOrNull() ?? "").Replace("Fast", "", StringComparison.Ordinal));
        return new TokenizerConfig
        {
            BosToken = Named("bos_token"),
            EosToken = Named("eos_token"),
            PadToken = Named("pad_token"),
            SpecialTokens = all,
            AddedTokens = [.. json["added_tokens_decoder"].Members().Select(member => (member.Value, Added(member.Name, member.Value)))],
            CleansUpSpaces = json["clean_up_tokenization_spaces"].Flag(false),
            AddsBos = isLlama && json["add_bos_token"].Flag(true),
            AddsEos = isLlama && json["add_eos_token"].Flag(false),
        };
    });

    private static AddedToken Added(string id, JsonPlace json) =>
        int.TryParse(id, out int number) && number >= 0 && number <= TokenizerFile.HighestId
            ? AddedTokenTable.Read(json, json.Required()["content"].Text(), number)
            : throw json.Error($"'{id}' is not an id from 0 to {TokenizerFile.HighestId}; {Remedy}");

    /// <summary>A token is written as a text or as an object with its content.</summary>
    private static string? Content(JsonPlace json) => json.IsObject ? json["content"].TextOrNull() : json.TextOrNull();
}
