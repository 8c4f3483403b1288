using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Policies;

/// <summary>Scores tokens with an engine in this process.</summary>
public sealed class EngineScorer(PolicyCache policies) : IScorer
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<float[]>> LogProbsAsync(string policy, IReadOnlyList<TokenSequence> sequences, CancellationToken cancel) =>
        Task.FromResult(policies.Get(policy).Engine.LogProbs(sequences, cancel));
}
