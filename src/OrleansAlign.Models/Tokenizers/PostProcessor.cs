namespace OrleansAlign.Models.Tokenizers;

/// <summary>The special tokens that are put around a sequence.</summary>
/// <param name="Pieces">In order: an id, or null for the sequence itself.</param>
internal sealed record PostProcessor(IReadOnlyList<int?> Pieces)
{
    /// <summary>Adds nothing.</summary>
    public static PostProcessor None { get; } = new([null]);

    /// <summary>This processor's tokens around the result of <paramref name="inner"/>.</summary>
    public PostProcessor After(PostProcessor inner) =>
        new([.. Pieces.SelectMany(piece => piece is null ? inner.Pieces : [piece])]);

    /// <summary>The sequence with its tokens.</summary>
    public int[] Apply(List<int> sequence)
    {
        List<int> all = new(sequence.Count + Pieces.Count);
        foreach (int? piece in Pieces)
        {
            if (piece is { } id) all.Add(id);
            else all.AddRange(sequence);
        }

        return [.. all];
    }

    /// <summary>The post-processor described at <paramref name="json"/>; null if none is.</summary>
    public static PostProcessor? Read(JsonPlace json)
    {
        if (json.IsNull) return null;
        string type = json.Required()["type"].Text();
        switch (type)
        {
            case "ByteLevel":
                return None;
            case "Sequence":
                PostProcessor all = None;
                foreach (JsonPlace item in json["processors"].Items())
                {
                    all = Read(item.Required())!.After(all);
                    if (all.Pieces.Count > MaxPieces) throw json.Error($"it puts more than {MaxPieces} tokens around a sequence");
                }

                return all;
            case "BertProcessing" or "RobertaProcessing":
                return new PostProcessor([Pair(json["cls"]), null, Pair(json["sep"])]);
            case "TemplateProcessing":
                return Template(json);
            default:
                throw json["type"].Error(
                    $"post-processor '{type}' is not one of Sequence, ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing; "
                    + "use a model whose tokenizer needs only these");
        }
    }

    private const int MaxPieces = 64;

    private static int Pair(JsonPlace json)
    {
        List<JsonPlace> items = json.Items();
        return items.Count == 2 ? items[1].Number(TokenizerFile.HighestId) : throw json.Error("not a pair of token and id");
    }

    private static PostProcessor Template(JsonPlace json)
    {
        List<int?> pieces = [];
        foreach (JsonPlace piece in json["single"].Items())
        {
            JsonPlace special = piece.Required()["SpecialToken"], sequence = piece["Sequence"];
            if (special.IsNull && sequence.IsNull) throw piece.Error("neither a 'SpecialToken' nor a 'Sequence'");
            if (special.IsNull)
            {
                if (sequence["id"].Text() != "A") throw sequence["id"].Error("only sequence 'A' can stand in the template of a single sequence");
                pieces.Add(null);
                continue;
            }

            string name = special["id"].Text();
            JsonPlace token = json["special_tokens"][name];
            if (token.IsNull) throw special["id"].Error($"'{name}' is not among the special_tokens of the same template; list it there");
            pieces.AddRange(token["ids"].Items().Select(id => (int?)id.Number(TokenizerFile.HighestId)));
        }

        return pieces.Count <= MaxPieces ? new PostProcessor(pieces) : throw json.Error($"it puts more than {MaxPieces} tokens around a sequence");
    }
}
