namespace OrleansAlign.Models.Tokenizers;

/// <summary>The model of a tokenizer: what cuts a word into tokens of its vocabulary.</summary>
internal interface ITokenModel
{
    /// <summary>Token to id.</summary>
    IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>Id of the unknown token; −1 if there is none.</summary>
    int UnknownId { get; }

    /// <summary>Appends the ids of a word.</summary>
    /// <param name="word">The word.</param>
    /// <param name="asBytes">Whether its UTF-8 is first written in the byte alphabet.</param>
    /// <param name="forbidden">For each id whether the word must not yield it; null if it may yield all.</param>
    /// <param name="into">Where the ids go.</param>
    void Encode(ReadOnlySpan<char> word, bool asBytes, bool[]? forbidden, List<int> into);
}
