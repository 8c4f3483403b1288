namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Bounds on the managed engine's memory. None of them changes a result.</summary>
public sealed record ManagedEngineOptions
{
    /// <summary>Most bytes of keys and values held while sampling; at least one stream always runs. Default 1 GiB.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>Most completions drawn at the same time. Default 256.</summary>
    public int MaxStreams { get; init; } = 256;

    /// <summary>
    /// Most prompt tokens that join one round of sampling, and most tokens per pass when scoring; a longer sequence makes a pass of its own. Default 4096.
    /// </summary>
    public int PrefillTokens { get; init; } = 4096;

    /// <summary>Most bytes of activations kept for the backward pass; a batch that needs more is split between sequences. Default 2 GiB.</summary>
    public long ActivationBytes { get; init; } = 2L << 30;
}
