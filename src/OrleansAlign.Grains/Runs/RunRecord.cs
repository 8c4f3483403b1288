using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Grains.Runs;

/// <summary>The persistent state of a run's grain: the phase that its owner wants, and how the run ended. Everything else is in the ledger.</summary>
[GenerateSerializer, Alias("align.run-record")]
public sealed record RunRecord
{
    /// <summary>The run's phase.</summary>
    [Id(0)]
    public RunPhase Phase { get; set; }

    /// <summary>Why the run failed; null unless it did.</summary>
    [Id(1)]
    public string? Problem { get; set; }

    /// <summary>Hash of the final policy, once finished.</summary>
    [Id(2)]
    public string? Policy { get; set; }
}
