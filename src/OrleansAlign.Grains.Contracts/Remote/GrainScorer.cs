using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Grains.Contracts.Remote;

/// <summary>Scores tokens with the cluster's device slots. Sequences with the same prompt go to one slot.</summary>
/// <param name="grains">The cluster's grains.</param>
/// <param name="slots">The slots.</param>
/// <param name="calls">Makes the calls.</param>
/// <param name="engine">The engine to score with.</param>
public sealed class GrainScorer(IGrainFactory grains, SlotDirectory slots, RemoteCalls calls, EngineKind engine) : IScorer
{
    private readonly SlotWork work = new(slots, calls, engine);

    /// <inheritdoc/>
    public Task<IReadOnlyList<float[]>> LogProbsAsync(string policy, IReadOnlyList<TokenSequence> sequences, CancellationToken cancel) => work.DoAsync(
        "generator.log-probs", sequences, s => string.Join(' ', s.Tokens.Take(s.PromptLength)),
        (slot, part) => grains.GetGrain<IGeneratorGrain>(slot).LogProbsAsync(engine, policy, part), cancel);
}
