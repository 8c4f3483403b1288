namespace OrleansAlign.Models.Tokenizers;

/// <summary>What <see cref="BpeTrainer"/> makes.</summary>
public sealed record BpeTrainerOptions : IChecked
{
    /// <summary>Number of tokens: special ones, 256 bytes, and as many merges as fit and the texts yield. Default 4096.</summary>
    public int VocabularySize { get; init; } = 4096;

    /// <summary>Special tokens; they get the lowest ids, in this order, and are no part of the texts' words. None by default.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Token that ends a sequence, and an assistant's turn; becomes a special token. None by default.</summary>
    public string? EosToken { get; init; }

    /// <summary>Chat template to write into <c>tokenizer_config.json</c>. None by default.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>All special tokens: <see cref="SpecialTokens"/>, then <see cref="EosToken"/> if it is not among them.</summary>
    internal IReadOnlyList<string> AllSpecialTokens => [.. SpecialTokens.Union(EosToken is null ? [] : [EosToken], StringComparer.Ordinal)];

    /// <summary>All that is wrong with these options, each with value, rule and name.</summary>
    public IEnumerable<string> Problems()
    {
        int least = 256 + AllSpecialTokens.Count;
        if (VocabularySize < least || VocabularySize > TokenizerFile.HighestId + 1)
        {
            yield return $"VocabularySize is {VocabularySize}; it must be from {least} (bytes and special tokens) to {TokenizerFile.HighestId + 1}";
        }

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
    }
}
