namespace OrleansAlign.Models.Tokenizers;

/// <summary>Builds decoders from their descriptions in <c>tokenizer.json</c>.</summary>
internal static class DecoderReader
{
    /// <summary>The decoder described at <paramref name="json"/>; one that joins tokens with spaces if none is.</summary>
    public static TokenDecoder Read(JsonPlace json)
    {
        if (json.IsNull) return tokens => [string.Join(' ', tokens)];
        string type = json.Required()["type"].Text();
        switch (type)
        {
            case "Sequence":
                TokenDecoder[] steps = [.. json["decoders"].Items().Select(item => Read(item.Required()))];
                return tokens => steps.Aggregate(tokens, (current, step) => step(current));
            case "ByteLevel":
                return tokens => [TokenDecoders.OfBytes(tokens)];
            case "ByteFallback":
                return TokenDecoders.OfByteTokens;
            case "Fuse":
                return tokens => [string.Concat(tokens)];
            case "Replace":
                ReplaceNormalizer replace = new(PreTokenizerReader.Pattern(json["pattern"]), json["content"].Text());
                return tokens => tokens.Select(replace.Apply);
            case "Strip":
                string content = json["content"].Text();
                if (content.Length != 1) throw json["content"].Error($"'{content}' is not one character of the basic plane");
                int start = json["start"].Number(int.MaxValue), stop = json["stop"].Number(int.MaxValue);
                return tokens => tokens.Select(token => TokenDecoders.Strip(token, content[0], start, stop));
            case "Metaspace":
                // The marks of the first token are the ones that encoding put in front.
                (string mark, PrependScheme scheme) = PreTokenizerReader.Metaspace(json);
                return tokens => tokens.Select((token, i) =>
                    token.Replace(mark, i == 0 && scheme != PrependScheme.Never ? "" : " ", StringComparison.Ordinal));
            case "BPEDecoder":
                // The suffix that ends a word becomes a space, except the last token's.
                string suffix = json["suffix"].TextOrNull() ?? "</w>";
                if (suffix.Length == 0) return tokens => tokens;
                return tokens => tokens.Reverse().Select((token, i) => token.Replace(suffix, i == 0 ? "" : " ", StringComparison.Ordinal)).Reverse();
            default:
                throw json["type"].Error(
                    $"decoder '{type}' is not one of Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace, BPEDecoder; "
                    + "use a model whose tokenizer needs only these");
        }
    }
}
