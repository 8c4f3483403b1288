namespace OrleansAlign.TorchSharp;

/// <summary>The type that weights are multiplied in; the optimizer's weights are float32 always.</summary>
public enum EnginePrecision
{
    /// <summary>BFloat16 on a GPU, Float32 on the processor.</summary>
    Automatic,

    /// <summary>Four bytes a weight: agrees with the managed engine to rounding.</summary>
    Float32,

    /// <summary>Two bytes a weight and activation; norms, softmax, log-probs and the optimizer stay in float32.</summary>
    BFloat16,
}

/// <summary>The TorchSharp engine's precision and bounds on memory. The bounds change results by rounding at most.</summary>
public sealed record TorchSharpEngineOptions
{
    /// <summary>The type of the computation. Default Automatic.</summary>
    public EnginePrecision Precision { get; init; }

    /// <summary>Most bytes of keys and values held while sampling; at least one stream always runs. Default 4 GiB.</summary>
    public long CacheBytes { get; init; } = 4L << 30;

    /// <summary>Most completions drawn at the same time. Default 256.</summary>
    public int MaxStreams { get; init; } = 256;

    /// <summary>Most tokens per forward pass when scoring and when prompts are read; a longer sequence makes a pass of its own. Default 8192.</summary>
    public int PassTokens { get; init; } = 8192;

    /// <summary>Most tokens per forward and backward pass; a batch of more is split between sequences. Default 8192.</summary>
    public int TrainTokens { get; init; } = 8192;

    /// <summary>Most bytes of logits at one time; one row is always computed. Default 256 MiB.</summary>
    public long LogitBytes { get; init; } = 256L << 20;

    /// <summary>Most bytes of attention scores at one time where attention is not fused. Default 256 MiB.</summary>
    public long ScoreBytes { get; init; } = 256L << 20;

    /// <summary>Whether the backward pass keeps only each layer's input and recomputes the rest; null: from 100 M weights on. Default null.</summary>
    public bool? Recompute { get; init; }

    /// <summary>Whether libtorch's fused attention is used, which never holds a T × T matrix on a GPU; null: on a GPU. Default null.</summary>
    public bool? FusedAttention { get; init; }
}
