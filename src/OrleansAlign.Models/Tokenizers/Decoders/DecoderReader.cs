namespace OrleansAlign.Models.Tokenizers;

/// <summary>Builds decoders from their descriptions in <c>tokenizer.json</c>.</summary>
internal static class DecoderReader
{
    /// <summary>The decoder described at <paramref name="json"/>; one that joins tokens with spaces if none is.</summary>
    public static TokenDecoder Read(JsonPlace json)
    {
        if (json.IsNull) return new SpacedDecoder();
        string type = json.Required()["type"].Text();
        switch (type)
        {
            case "Sequence":
                return new DecoderSequence([.. json["decoders"].Items().Select(item => Read(item.Required()))]);
            case "ByteLevel":
                return new ByteLevelDecoder();
            case "ByteFallback":
                return new ByteFallbackDecoder();
            case "Fuse":
                return new FuseDecoder();
            case "Replace":
                int? longest = json["pattern"]["String"].TextOrNull()?.Length;
                return new ReplaceDecoder(PreTokenizerReader.Pattern(json["pattern"]), json["content"].Text(), longest);
            case "Strip":
                string content = json["content"].Text();
                if (content.Length != 1) throw json["content"].Error($"'{content}' is not one character of the basic plane");
                return new StripDecoder(content[0], json["start"].Number(int.MaxValue), json["stop"].Number(int.MaxValue));
            case "Metaspace":
                (string mark, PrependScheme scheme) = PreTokenizerReader.Metaspace(json);
                return new MetaspaceDecoder(mark, scheme);
            case "BPEDecoder":
                return new SuffixDecoder(json["suffix"].TextOrNull() ?? "</w>");
            default:
                throw json["type"].Error(
                    $"decoder '{type}' is not one of Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace, BPEDecoder; "
                    + "use a model whose tokenizer needs only these");
        }
    }
}
