using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Tests.Engines.Conformance;

namespace OrleansAlign.TorchSharp.Tests;

/// <summary>The engines of the suites, all on the processor, which every machine has; the plain one has plain attention and kept graphs.</summary>
internal static class Engines
{
    public static TorchSharpEngine Plain(ModelWeights weights) =>
        new(weights, "cpu", 1, new TorchSharpEngineOptions { FusedAttention = false, Recompute = false });

    /// <summary>With so little memory that every batch is split, streams run one at a time, and logits and scores are computed row by row.</summary>
    public static TorchSharpEngine Tight(ModelWeights weights) => new(weights, "cpu", 1, new TorchSharpEngineOptions
    {
        CacheBytes = 1, MaxStreams = 2, PassTokens = 1, TrainTokens = 1, LogitBytes = 1, ScoreBytes = 1, Recompute = true, FusedAttention = false,
    });

    /// <summary>As on a GPU: fused attention, blocks recomputed.</summary>
    public static TorchSharpEngine Fused(ModelWeights weights) =>
        new(weights, "cpu", 1, new TorchSharpEngineOptions { FusedAttention = true, Recompute = true });
}

public sealed class TorchSharpFixtureTests : FixtureConformance
{
    protected override IPolicyEngine Create(ModelWeights weights) => Engines.Plain(weights);
}

public sealed class TorchSharpFusedFixtureTests : FixtureConformance
{
    protected override IPolicyEngine Create(ModelWeights weights) => Engines.Fused(weights);
}

public sealed class TorchSharpModelTests : ModelConformance
{
    protected override IPolicyEngine Create(ModelWeights weights) => Engines.Plain(weights);
}

public sealed class TorchSharpInTightMemoryTests : ModelConformance
{
    protected override IPolicyEngine Create(ModelWeights weights) => Engines.Tight(weights);
}

public sealed class TorchSharpFusedModelTests : ModelConformance
{
    protected override IPolicyEngine Create(ModelWeights weights) => Engines.Fused(weights);
}

public sealed class TorchSharpSeamTests : SeamConformance
{
    protected override double BatchTolerance => 1e-5;

    protected override IPolicyEngine Create(ModelWeights weights) => Engines.Plain(weights);
}

public sealed class TorchSharpFusedSeamTests : SeamConformance
{
    protected override double BatchTolerance => 1e-5;

    protected override IPolicyEngine Create(ModelWeights weights) => Engines.Fused(weights);
}
