using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Tests.Engines.Reference;

namespace OrleansAlign.Models.Tests.Engines.Conformance;

public sealed class ManagedEngineFixtureTests : FixtureConformance
{
    protected override IPolicyEngine Create(ModelWeights weights) => new ManagedEngine(weights);
}

public sealed class ManagedEngineModelTests : ModelConformance
{
    protected override IPolicyEngine Create(ModelWeights weights) => new ManagedEngine(weights);
}

/// <summary>The same suite with so little memory that every batch is split and streams run one at a time: the numbers must not change.</summary>
public sealed class ManagedEngineInTightMemoryTests : ModelConformance
{
    protected override IPolicyEngine Create(ModelWeights weights) =>
        new ManagedEngine(weights, 3, new ManagedEngineOptions { CacheBytes = 1, MaxStreams = 2, PrefillTokens = 1, ActivationBytes = 1 });
}

public sealed class ManagedEngineSeamTests : SeamConformance
{
    protected override IPolicyEngine Create(ModelWeights weights) => new ManagedEngine(weights);

    [Theory]
    [MemberData(nameof(Models))]
    public void Threads_and_memory_do_not_change_a_bit(string name)
    {
        ModelWeights weights = RandomModels.Weights(name);
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sigmoid");
        SampleRequest[] requests = [.. Enumerable.Range(0, 5)
            .Select(i => new SampleRequest([1, (i / 2) % 2], (ulong)i, new SamplingOptions { MaxNewTokens = 9, TopP = 0.95 }, []))];
        using var one = new ManagedEngine(weights, 1);
        var tight = new ManagedEngineOptions { CacheBytes = 1, MaxStreams = 1, PrefillTokens = 1, ActivationBytes = 1 };
        using var three = new ManagedEngine(weights, 3, tight);
        foreach ((Sample a, Sample b) in one.Sample(requests).Zip(three.Sample(requests)))
        {
            Assert.Equal(a.Tokens, b.Tokens);
            Assert.Equal(a.LogProbs, b.LogProbs);
        }

        var options = new StepOptions();
        for (int i = 0; i < 3; i++) Assert.Equal(one.Step(batch, objective, options).Loss, three.Step(batch, objective, options).Loss);
        Assert.Equal(one.ExportWeights().Hash(), three.ExportWeights().Hash());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Steps_with_dropout_agree_with_the_reference(string name)
    {
        ModelWeights weights = RandomModels.Weights(name);
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sft");
        using var engine = new ManagedEngine(weights);
        using var reference = new ReferenceEngine(weights);
        var options = new StepOptions { LearningRate = 1e-3, Epsilon = 1e-3, Dropout = 0.3 };
        double without = engine.Gradients(batch, objective).Value.Loss;
        for (ulong step = 0; step < 3; step++)
        {
            TrainingBatch seeded = batch with { DropoutSeed = 70 + step };
            StepReport expected = reference.Step(seeded, objective, options), actual = engine.Step(seeded, objective, options);
            Near.Number($"{name} loss {step}", expected.Loss, actual.Loss, 1e-4);
            Near.Number($"{name} norm {step}", expected.GradientNorm, actual.GradientNorm, 1e-3);
            if (step == 0) Assert.NotEqual(without, actual.Loss);
        }
    }
}
