using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Tests.Engines.Reference;

namespace OrleansAlign.Models.Tests.Engines.Conformance;

public sealed class ReferenceEngineFixtureTests : FixtureConformance
{
    // The remaining difference is the rounding of the stored numbers to float32.
    protected override double LogitTolerance => 1e-6;

    protected override double GradientTolerance => 5e-6;

    protected override IPolicyEngine Create(ModelWeights weights) => new ReferenceEngine(weights);
}

public sealed class ReferenceEngineSeamTests : SeamConformance
{
    protected override IPolicyEngine Create(ModelWeights weights) => new ReferenceEngine(weights);
}
