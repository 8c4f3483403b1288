using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Ports;

/// <summary>Scores given tokens under policies.</summary>
public interface IScorer
{
    /// <summary>Raw log-prob of each token after the prompt, per sequence.</summary>
    Task<IReadOnlyList<float[]>> LogProbsAsync(string policy, IReadOnlyList<TokenSequence> sequences, CancellationToken cancel);
}
