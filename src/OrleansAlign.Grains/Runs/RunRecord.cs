using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Grains.Runs;

/// <summary>What a run's grain persists: what its owner wishes, and how it ended. Everything else is in the ledger.</summary>
[GenerateSerializer, Alias("align.run-record")]
public sealed record RunRecord
{
    /// <summary>How it stands.</summary>
    [Id(0)]
    public RunPhase Phase { get; set; }

    /// <summary>What is wrong, if it failed.</summary>
    [Id(1)]
    public string? Problem { get; set; }

    /// <summary>Hash of the final policy, once finished.</summary>
    [Id(2)]
    public string? Policy { get; set; }
}
