using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Grains.Tests.Load;

/// <summary>No model: draws are drawn from their seeds, and a judge's answer is a rule over the question's tokens. What is left is the cluster's own work.</summary>
internal sealed class RuleEngine(ModelWeights weights) : IPolicyEngine
{
    private const int Length = 6;

    public ModelConfig Config => weights.Config;

    public IReadOnlyList<Sample> Sample(IReadOnlyList<SampleRequest> requests, CancellationToken cancel = default) => [.. requests.Select(r =>
    {
        int[] tokens = [.. Enumerable.Range(0, Length).Select(t => 20 + CounterRandom.Integer(r.Seed, (ulong)t, 60))];
        var logProbs = new float[Length];
        Array.Fill(logProbs, -4f);
        return new Sample(tokens, logProbs, FinishReason.Length);
    })];

    public IReadOnlyList<float[]> LogProbs(IReadOnlyList<TokenSequence> sequences, CancellationToken cancel = default) => [.. sequences.Select(s => new float[s.CompletionLength])];

    /// <summary>The two orders of a question agree for about half of the questions; the others are ties.</summary>
    public IReadOnlyList<ChoiceLogits> ChoiceLogits(IReadOnlyList<int[]> prompts, IReadOnlyList<int> choices, CancellationToken cancel = default) => [.. prompts.Select(prompt =>
    {
        ulong mixed = prompt.Aggregate(0UL, (sum, token) => CounterRandom.Derive(sum, (ulong)token));
        return (mixed & 1) == 0 ? new ChoiceLogits([-0.1f, -2.4f], 0) : new ChoiceLogits([-2.4f, -0.1f], 0);
    })];

    public IReadOnlyList<float[]> Logits(IReadOnlyList<int[]> sequences, CancellationToken cancel = default) => throw new NotSupportedException("a rule has no logits");

    public StepReport Step(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel = default)
    {
        float[][] logProbs = [.. batch.Sequences.Select(s => new float[s.CompletionLength])], gradients = [.. batch.Sequences.Select(s => new float[s.CompletionLength])];
        ObjectiveValue value = objective.Evaluate(batch, logProbs, gradients);
        return new StepReport(value.Loss, 0, batch.Sequences.Sum(s => s.Tokens.Length), value.Metrics);
    }

    public (ObjectiveValue Value, IReadOnlyList<WeightTensor> Gradients) Gradients(TrainingBatch batch, IObjective objective, CancellationToken cancel = default) =>
        throw new NotSupportedException("a rule has no gradients");

    public ModelWeights ExportWeights() => weights;

    public OptimizerState ExportOptimizer() => throw new NotSupportedException("a rule has no optimizer");

    public void ImportOptimizer(OptimizerState state) => throw new NotSupportedException("a rule has no optimizer");

    public void ResetOptimizer()
    {
    }

    public void Dispose()
    {
    }

    /// <summary>Stands in a recipe as the other engine.</summary>
    internal sealed class Factory : IEngineFactory
    {
        public EngineKind Kind => EngineKind.Torchsharp;

        public string? Problem(string device) => null;

        public IPolicyEngine Create(ModelWeights weights, string device, int threads) => new RuleEngine(weights);
    }
}
