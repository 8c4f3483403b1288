using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Grains.Contracts.Remote;

/// <summary>Draws responses with the cluster's device slots. Candidates of one prompt go to one slot, which reads the prompt once.</summary>
/// <param name="grains">The cluster's grains.</param>
/// <param name="slots">The slots.</param>
/// <param name="calls">Makes the calls.</param>
/// <param name="engine">The engine to draw with.</param>
public sealed class GrainGenerator(IGrainFactory grains, SlotDirectory slots, RemoteCalls calls, EngineKind engine) : IGenerator
{
    private readonly SlotWork work = new(slots, calls, engine);

    /// <inheritdoc/>
    public Task<IReadOnlyList<GeneratedResponse>> GenerateAsync(string policy, IReadOnlyList<GenerationRequest> requests, CancellationToken cancel) =>
        work.DoAsync(
            "generator.generate", requests, r => ContentHash.Of(r.Messages),
            (slot, part) => grains.GetGrain<IGeneratorGrain>(slot).GenerateAsync(engine, policy, part), cancel);
}
