using Orleans.Concurrency;
using Orleans.Placement;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Grains.Devices;

/// <summary>Draws and scores with the worker of its slot, which batches the calls of many prompts. It has no state of its own.</summary>
[Reentrant, Immovable, OnDeviceSilo]
internal sealed class GeneratorGrain(SlotHost slots) : Grain, IGeneratorGrain
{
    private string Slot => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public Task<IReadOnlyList<GeneratedResponse>> GenerateAsync(EngineKind engine, string policy, IReadOnlyList<GenerationRequest> requests) =>
        SlotErrors.Translate(() => slots.Worker(Slot).GenerateAsync(engine, policy, requests, CancellationToken.None));

    /// <inheritdoc/>
    public Task<IReadOnlyList<float[]>> LogProbsAsync(EngineKind engine, string policy, IReadOnlyList<TokenSequence> sequences) =>
        SlotErrors.Translate(() => slots.Worker(Slot).LogProbsAsync(engine, policy, sequences, CancellationToken.None));
}
