using OrleansAlign.Core.Policies;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Grains.Tests.Load;

/// <summary>An engine without a model: tokens derive from the seed, a judge's answer from the question's tokens. It takes hardly any time.</summary>
internal sealed class RuleEngine(ModelWeights weights) : IPolicyEngine
{
    /// <summary>The token of |, which no drawn response has.</summary>
    private const int Separator = 95;

    private const int Length = 6;

    public ModelConfig Config => weights.Config;

    public IReadOnlyList<Sample> Sample(IReadOnlyList<SampleRequest> requests, CancellationToken cancel = default) => [.. requests.Select(r =>
    {
        int[] tokens = [.. Enumerable.Range(0, Length).Select(t => 20 + CounterRandom.Integer(r.Seed, (ulong)t, 60))];
        var logProbs = new float[Length];
        Array.Fill(logProbs, -4f);
        return new Sample(tokens, logProbs, FinishReason.Length);
    })];

    public IReadOnlyList<float[]> LogProbs(IReadOnlyList<TokenSequence> sequences, CancellationToken cancel = default) =>
        [.. sequences.Select(s => new float[s.CompletionLength])];

    /// <summary>The response whose tokens mix to more is better, whichever is shown first: a question has each between two <see cref="Separator"/>s.</summary>
    public IReadOnlyList<ChoiceLogits> ChoiceLogits(IReadOnlyList<int[]> prompts, IReadOnlyList<int> choices, CancellationToken cancel = default) =>
        [.. prompts.Select(prompt =>
        {
            int[] at = [.. Enumerable.Range(0, prompt.Length).Where(i => prompt[i] == Separator)];
            if (at.Length != 3) throw new ArgumentException($"a question has {at.Length} separators; it must have 3", nameof(prompts));
            ulong first = Mix(prompt.AsSpan((at[0] + 1)..at[1])), second = Mix(prompt.AsSpan((at[1] + 1)..at[2]));
            return first > second ? new ChoiceLogits([-0.1f, -2.4f], 0) : new ChoiceLogits([-2.4f, -0.1f], 0);
        })];

    public StepReport Step(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel = default)
    {
        float[][] logProbs = [.. batch.Sequences.Select(s => new float[s.CompletionLength])];
        float[][] gradients = [.. batch.Sequences.Select(s => new float[s.CompletionLength])];
        ObjectiveValue value = objective.Evaluate(batch, logProbs, gradients);
        return new StepReport(value.Loss, 0, batch.Sequences.Sum(s => s.Tokens.Length), value.Metrics);
    }

    public ModelWeights ExportWeights() => weights;

    public OptimizerState ExportOptimizer() => throw new NotSupportedException("a rule has no optimizer");

    public void ImportOptimizer(OptimizerState state) => throw new NotSupportedException("a rule has no optimizer");

    private static ulong Mix(ReadOnlySpan<int> tokens)
    {
        ulong mixed = 0;
        foreach (int token in tokens) mixed = CounterRandom.Derive(mixed, (ulong)token);
        return mixed;
    }

    public void ResetOptimizer()
    {
    }

    public void Dispose()
    {
    }

    /// <summary>Recipes select this engine as <c>torchsharp</c>.</summary>
    internal sealed class Factory : IEngineFactory
    {
        public EngineKind Kind => EngineKind.Torchsharp;

        public string? Problem(string device) => null;

        public IPolicyEngine Create(ModelWeights weights, string device, int threads) => new RuleEngine(weights);
    }
}
