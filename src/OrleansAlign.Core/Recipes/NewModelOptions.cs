using OrleansAlign.Models;
using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Core.Recipes;

/// <summary>A new model with random weights: sizes and a tokenizer. The defaults give 0.2 million weights, which train in minutes on a laptop.</summary>
public sealed record NewModelOptions : IChecked
{
    /// <summary>Family. Default <c>llama</c>.</summary>
    public Architecture Architecture { get; init; } = Architecture.Llama;

    /// <summary>Width of the residual stream. Default 64.</summary>
    public int HiddenSize { get; init; } = 64;

    /// <summary>Width of the gated MLP. Default 192.</summary>
    public int IntermediateSize { get; init; } = 192;

    /// <summary>Number of blocks. Default 3.</summary>
    public int Layers { get; init; } = 3;

    /// <summary>Number of query heads; divides hidden-size. Default 4.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Number of key/value heads; divides heads. Default 4.</summary>
    public int KeyValueHeads { get; init; } = 4;

    /// <summary>Longest sequence, in tokens. Default 256.</summary>
    public int ContextLength { get; init; } = 256;

    /// <summary>Base of the rotary frequencies. Default 10000.</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>Whether the output head is the embedding. Default true.</summary>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>Standard deviation of new weights. Default 0.02.</summary>
    public double Deviation { get; init; } = 0.02;

    /// <summary>The tokenizer.</summary>
    public TokenizerSource Tokenizer { get; init; } = new();

    /// <summary>A file with the chat template; left out: <c>&lt;|role|&gt;</c> lines, each turn ended by <c>&lt;|end|&gt;</c>.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        foreach ((string key, int value, int most) in new[]
        {
            ("hidden-size", HiddenSize, 1 << 14), ("intermediate-size", IntermediateSize, 1 << 16), ("layers", Layers, 1 << 10), ("heads", Heads, 1 << 14),
            ("key-value-heads", KeyValueHeads, 1 << 14), ("context-length", ContextLength, 1 << 20),
        })
        {
            if (!(value >= 1 && value <= most)) yield return $"{key} is {value}; it must be 1 to {most}";
        }

        if (ChatTemplate is not null && Tokenizer.Path is not null)
        {
            yield return "chat-template goes with a tokenizer that is trained; the one at tokenizer.path brings its own: "
                + "put the template there, as chat_template.jinja";
        }

        if (Heads >= 1 && (HiddenSize % Heads != 0 || HiddenSize / Heads % 2 != 0))
        {
            yield return $"heads is {Heads}; it must divide hidden-size {HiddenSize} into even parts";
        }
        if (KeyValueHeads >= 1 && Heads % KeyValueHeads != 0) yield return $"key-value-heads is {KeyValueHeads}; it must divide heads {Heads}";
        if (!(Deviation > 0 && Deviation < double.PositiveInfinity)) yield return $"deviation is {Deviation}; it must be above 0";
        if (!(RopeTheta > 1 && RopeTheta < double.PositiveInfinity)) yield return $"rope-theta is {RopeTheta}; it must be above 1";
    }
}

/// <summary>A tokenizer: one that exists, or one trained on texts.</summary>
public sealed record TokenizerSource : IChecked
{
    private const int MostIds = 1 << 18;

    /// <summary>A folder with tokenizer.json.</summary>
    public string? Path { get; init; }

    /// <summary>JSONL files whose texts a byte-level BPE is trained on.</summary>
    public IReadOnlyList<string> TrainOn { get; init; } = [];

    /// <summary>Number of ids of a trained tokenizer, the 256 bytes and the control tokens included. Default 512.</summary>
    public int VocabularySize { get; init; } = 512;

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        if (Path is null == (TrainOn.Count == 0))
        {
            yield return "give exactly one of path (a folder with tokenizer.json) and train-on (JSONL files to train one on)";
        }
        if (!(VocabularySize is >= 270 and <= MostIds))
        {
            yield return $"vocabulary-size is {VocabularySize}; it must be 270 (256 bytes and the control tokens) to {MostIds}";
        }
    }
}
