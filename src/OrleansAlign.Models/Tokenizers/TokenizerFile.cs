namespace OrleansAlign.Models.Tokenizers;

/// <summary>What a <c>tokenizer.json</c> says.</summary>
internal sealed record TokenizerFile
{
    /// <summary>Highest id that is accepted: four times what the largest published vocabularies need. Tables are as long as the highest id.</summary>
    public const int HighestId = (1 << 22) - 1;

    /// <summary>Remedy of most errors.</summary>
    public const string Remedy = "fetch tokenizer.json again, or train the tokenizer anew";

    /// <summary>The model.</summary>
    public required ITokenModel Model { get; init; }

    /// <summary>Added tokens.</summary>
    public required AddedTokenTable AddedTokens { get; init; }

    /// <summary>The normalizer, if any.</summary>
    public required Normalizer? Normalizer { get; init; }

    /// <summary>The pre-tokenizer, if any.</summary>
    public required PreTokenizer? PreTokenizer { get; init; }

    /// <summary>The post-processor, if any.</summary>
    public required PostProcessor? PostProcessor { get; init; }

    /// <summary>The decoder.</summary>
    public required TokenDecoder Decoder { get; init; }

    /// <summary>Reads a file's bytes; <paramref name="path"/> is its name in errors.</summary>
    /// <exception cref="InvalidDataException">The file is broken, or asks for something that is not understood.</exception>
    public static TokenizerFile Read(string path, byte[] json) =>
        JsonFile.Guard(path, Remedy, () => Build(path, TokenizerFileReader.Read(path, json)));

    private static TokenizerFile Build(string path, TokenizerFileReader parts)
    {
        ITokenModel model = parts.BuildModel();
        AddedTokenTable added = new(model.Vocabulary);
        foreach (JsonPlace item in parts["added_tokens"].Items())
        {
            added.Add(item, AddedTokenTable.Read(item, item.Required()["content"].Text(), item["id"].Number(HighestId)));
        }

        if (parts["version"].TextOrNull() is { } version && version != "1.0") throw parts["version"].Error($"'{version}' is not 1.0; {Remedy}");
        return new TokenizerFile
        {
            Model = model,
            AddedTokens = added,
            Normalizer = NormalizerReader.Read(parts["normalizer"]),
            PreTokenizer = PreTokenizerReader.Read(parts["pre_tokenizer"]),
            PostProcessor = PostProcessor.Read(parts["post_processor"]),
            Decoder = DecoderReader.Read(parts["decoder"]),
        };
    }
}
