using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Tests.Engines.Conformance;

namespace OrleansAlign.TorchSharp.Tests;

/// <summary>The engine in bfloat16: near float32 to that type's eight bits, and training float32 weights.</summary>
public sealed class BFloat16Tests
{
    private const string Model = "beyond one block of everything";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Log_probs_and_gradients_are_float32_s_to_a_few_percent(bool fused)
    {
        ModelWeights weights = RandomModels.Weights(Model);
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sft");
        using TorchSharpEngine exact = Engines.Plain(weights), rough = Create(weights, fused);
        foreach ((float[] expected, float[] actual) in exact.LogProbs(batch.Sequences).Zip(rough.LogProbs(batch.Sequences)))
        {
            Near.Tensor("log-probs", expected, actual, 0.03, 1);
        }

        (ObjectiveValue value, IReadOnlyList<WeightTensor> gradients) = rough.Gradients(batch, objective);
        (ObjectiveValue expectedValue, IReadOnlyList<WeightTensor> expectedGradients) = exact.Gradients(batch, objective);
        Near.Number("loss", expectedValue.Loss, value.Loss, 0.02);
        foreach ((WeightTensor expected, WeightTensor actual) in expectedGradients.Zip(gradients))
        {
            double dot = Dot(expected.Data, actual.Data), cosine = dot / Math.Sqrt(Dot(expected.Data, expected.Data) * Dot(actual.Data, actual.Data));
            Assert.True(cosine > 0.99, $"the gradient of {expected.Name} has cosine {cosine} with float32's");
        }
    }

    [Fact]
    public void Steps_smaller_than_its_rounding_add_up_in_the_float32_weights()
    {
        ModelWeights weights = RandomModels.Weights(Model);
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sft");
        var options = new StepOptions { LearningRate = 2e-5, Epsilon = 1e-6 };
        using TorchSharpEngine exact = Engines.Plain(weights), rough = Create(weights, false);
        Assert.Equal(weights.Hash(), rough.ExportWeights().Hash());
        for (int step = 0; step < 50; step++)
        {
            exact.Step(batch, objective, options);
            rough.Step(batch, objective, options);
        }

        foreach ((WeightTensor before, WeightTensor expected, WeightTensor actual) in
            weights.Tensors.Zip(exact.ExportWeights().Tensors, rough.ExportWeights().Tensors))
        {
            double[] want = [.. expected.Data.Zip(before.Data, (a, b) => (double)a - b)], got = [.. actual.Data.Zip(before.Data, (a, b) => (double)a - b)];
            double cosine = Dot(want, got) / Math.Sqrt(Dot(want, want) * Dot(got, got)), ratio = Math.Sqrt(Dot(got, got) / Dot(want, want));
            Assert.True(cosine > 0.9 && ratio is > 0.9 and < 1.1, $"{before.Name} moved {ratio} times as far, at cosine {cosine}");
        }
    }

    [Fact]
    public void Resumed_is_uninterrupted_to_the_bit()
    {
        ModelWeights weights = RandomModels.Weights(Model);
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sigmoid");
        var options = new StepOptions { LearningRate = 1e-3 };
        using TorchSharpEngine straight = Create(weights, true), before = Create(weights, true);
        for (int i = 0; i < 4; i++) straight.Step(batch, objective, options);
        for (int i = 0; i < 2; i++) before.Step(batch, objective, options);
        using TorchSharpEngine after = Create(before.ExportWeights(), true);
        after.ImportOptimizer(before.ExportOptimizer());
        for (int i = 0; i < 2; i++) after.Step(batch, objective, options);
        Assert.Equal(straight.ExportWeights().Hash(), after.ExportWeights().Hash());
    }

    [Fact]
    public void The_sampler_s_log_probs_are_near_the_trainer_s()
    {
        ModelWeights weights = RandomModels.Weights(Model);
        using TorchSharpEngine engine = Create(weights, true);
        var options = new SamplingOptions { MaxNewTokens = 50 };
        SampleRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => new SampleRequest(
            RandomModels.Tokens(weights.Config, (ulong)(i / 2), 6), CounterRandom.Derive(8, (ulong)i), options, []))];
        IReadOnlyList<Sample> samples = engine.Sample(requests);
        IReadOnlyList<float[]> scored = engine.LogProbs([.. requests.Zip(samples, (r, s) => new TokenSequence([.. r.Prompt, .. s.Tokens], r.Prompt.Length))]);
        double mean = samples.Zip(scored).SelectMany(p => p.First.LogProbs.Zip(p.Second)).Average(x => Math.Abs(x.First - x.Second));
        Assert.True(mean < 0.02, $"the mean gap is {mean}");
    }

    private static TorchSharpEngine Create(ModelWeights weights, bool fused) =>
        new(weights, "cpu", 1, new TorchSharpEngineOptions { Precision = EnginePrecision.BFloat16, FusedAttention = fused, Recompute = fused });

    private static double Dot(IReadOnlyList<float> a, IReadOnlyList<float> b) => a.Zip(b).Sum(p => (double)p.First * p.Second);

    private static double Dot(IReadOnlyList<double> a, IReadOnlyList<double> b) => a.Zip(b).Sum(p => p.First * p.Second);
}
