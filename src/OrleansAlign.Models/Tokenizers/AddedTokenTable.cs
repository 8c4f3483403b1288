namespace OrleansAlign.Models.Tokenizers;

/// <summary>The added tokens of a tokenizer, each with one id, on top of a model's vocabulary.</summary>
internal sealed class AddedTokenTable(IReadOnlyDictionary<string, int> vocabulary)
{
    private readonly Dictionary<int, AddedToken> byId = [];
    private readonly Dictionary<string, int> byContent = new(StringComparer.Ordinal);
    private readonly Lazy<Dictionary<int, string>> modelTokens = new(() => vocabulary.ToDictionary(entry => entry.Value, entry => entry.Key));

    /// <summary>All tokens.</summary>
    public IEnumerable<AddedToken> All => byId.Values.OrderBy(token => token.Id);

    /// <summary>Reads the flags of an added token.</summary>
    public static AddedToken Read(JsonPlace json, string content, int id)
    {
        bool special = json["special"].Flag(false);
        return new AddedToken(content)
        {
            Id = id,
            SingleWord = json["single_word"].Flag(false),
            StripsLeft = json["lstrip"].Flag(false),
            StripsRight = json["rstrip"].Flag(false),
            Normalized = json["normalized"].Flag(!special),
            Special = special,
        };
    }

    /// <summary>The id of an added token, or of the model's token of that name.</summary>
    public int? IdOf(string content) =>
        byContent.TryGetValue(content, out int id) || vocabulary.TryGetValue(content, out id) ? id : null;

    /// <summary>Adds a token, or replaces the flags of one that is there.</summary>
    /// <exception cref="InvalidDataException">The id belongs to another token, or the token has another id.</exception>
    public void Add(JsonPlace place, AddedToken token)
    {
        if (token.Content.Length == 0) return;
        if (IdOf(token.Content) is { } known && known != token.Id)
        {
            throw place.Error($"\"{token.Content}\" has id {token.Id} here and {known} elsewhere, every token has one id; {TokenizerFile.Remedy}");
        }

        string? holder = byId.TryGetValue(token.Id, out AddedToken? other) ? other.Content : modelTokens.Value.GetValueOrDefault(token.Id);
        if (holder is not null && holder != token.Content)
        {
            throw place.Error($"id {token.Id} of \"{token.Content}\" also belongs to \"{holder}\", every id has one token; {TokenizerFile.Remedy}");
        }

        byId[token.Id] = token;
        byContent[token.Content] = token.Id;
    }

    /// <summary>Makes a token special that is in the vocabulary or among the added tokens; does nothing if it is neither.</summary>
    public void MakeSpecial(string content)
    {
        if (content.Length == 0 || IdOf(content) is not { } id) return;
        byId[id] = byId.TryGetValue(id, out AddedToken? token)
            ? token with { Special = true }
            : new AddedToken(content) { Id = id, Special = true, IsOnlyNamed = true };
        byContent[content] = id;
    }
}
