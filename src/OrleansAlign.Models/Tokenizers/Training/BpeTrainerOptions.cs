namespace OrleansAlign.Models.Tokenizers;

/// <summary>How texts are cut into words before pairs are counted.</summary>
public enum SplitPattern
{
    /// <summary>GPT-2's: words with the space before them, runs of digits.</summary>
    Gpt2,

    /// <summary>Llama 3's: at most three digits together, line breaks apart from spaces.</summary>
    Llama3,

    /// <summary>Qwen's: as Llama 3's, each digit by itself.</summary>
    Qwen,
}

/// <summary>What <see cref="BpeTrainer"/> makes.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>Number of tokens: special ones, 256 bytes, and as many merges as fit and the texts yield. Default 4096.</summary>
    public int VocabularySize { get; init; } = 4096;

    /// <summary>Special tokens; they get the lowest ids, in this order, and are no part of the texts' words. None by default.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Least number of times that a pair must occur to be merged. Default 2.</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>How texts are cut into words. Default <see cref="SplitPattern.Llama3"/>.</summary>
    public SplitPattern Pattern { get; init; } = SplitPattern.Llama3;

    /// <summary>Token that starts a sequence; becomes a special token. None by default.</summary>
    public string? BosToken { get; init; }

    /// <summary>Token that ends a sequence, and an assistant's turn; becomes a special token. None by default.</summary>
    public string? EosToken { get; init; }

    /// <summary>Token that fills up batches; becomes a special token. None by default.</summary>
    public string? PadToken { get; init; }

    /// <summary>Whether encoding with special tokens starts with <see cref="BosToken"/>. Default no.</summary>
    public bool AddBosToken { get; init; }

    /// <summary>Whether encoding with special tokens ends with <see cref="EosToken"/>. Default no.</summary>
    public bool AddEosToken { get; init; }

    /// <summary>Chat template to write into <c>tokenizer_config.json</c>. None by default.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>All special tokens: <see cref="SpecialTokens"/>, then those named for a purpose that are not among them.</summary>
    internal IReadOnlyList<string> AllSpecialTokens =>
        [.. SpecialTokens.Concat(new[] { BosToken, EosToken, PadToken }.OfType<string>()).Distinct(StringComparer.Ordinal)];

    /// <summary>All that is wrong with these options, each with value, rule and name.</summary>
    public IEnumerable<string> Problems()
    {
        int least = 256 + AllSpecialTokens.Count;
        if (VocabularySize < least || VocabularySize > TokenizerFile.HighestId + 1)
        {
            yield return $"VocabularySize is {VocabularySize}; it must be from {least} (bytes and special tokens) to {TokenizerFile.HighestId + 1}";
        }

        if (MinFrequency < 1) yield return $"MinFrequency is {MinFrequency}; it must be at least 1";
        if (!Enum.IsDefined(Pattern)) yield return $"Pattern is {Pattern}; it must be one of {string.Join(", ", Enum.GetNames<SplitPattern>())}";
        foreach (string token in AllSpecialTokens)
        {
            if (token.Length == 0)
            {
                yield return "SpecialTokens holds an empty text; a token has at least one character";
            }
            else if (token.Length == 1 && ByteAlphabet.ByteOf(token[0]) >= 0)
            {
                yield return $"SpecialTokens holds '{token}', which is the token of a byte; use a longer one";
            }
        }

        if (AddBosToken && BosToken is null) yield return "AddBosToken is true without a BosToken; name one";
        if (AddEosToken && EosToken is null) yield return "AddEosToken is true without an EosToken; name one";
    }
}
