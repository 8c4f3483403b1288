using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Tests.Engines.Reference;

namespace OrleansAlign.Models.Tests.Engines.Conformance;

public sealed class ReferenceEngineFixtureTests : FixtureConformance
{
    protected override IPolicyEngine Create(ModelWeights weights) => new ReferenceEngine(weights);
}

public sealed class ReferenceEngineSeamTests : SeamConformance
{
    protected override IPolicyEngine Create(ModelWeights weights) => new ReferenceEngine(weights);
}
