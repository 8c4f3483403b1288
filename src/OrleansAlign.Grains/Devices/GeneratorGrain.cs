using Orleans.Concurrency;
using Orleans.Placement;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Stages;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Runs;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Grains.Devices;

/// <summary>Draws with the worker of its slot, which puts the calls of many prompts together. It holds nothing itself.</summary>
[Reentrant, Immovable, OnDeviceSilo]
internal sealed class GeneratorGrain(SlotHost slots, RunContexts runs) : Grain, IGeneratorGrain
{
    private string Slot => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CompletionRow>> DrawAsync(RoundRef round, int index, int[] candidates, bool again)
    {
        RunContext run = await runs.GetAsync(round.Run);
        RoundPlan plan = await run.PlanAsync(round);
        IReadOnlyList<CompletionRow> known = again ? await KnownAsync() : [];
        int[] missing = [.. candidates.Except(known.Select(c => c.Candidate))];
        if (missing.Length == 0) return known;
        IReadOnlyList<GeneratedResponse> drawn = await SlotErrors.Translate(() =>
            slots.Worker(Slot).GenerateAsync(run.Engine, plan.Policies.Player, [.. missing.Select(candidate => plan.Request(index, candidate))], CancellationToken.None));
        IReadOnlyList<CompletionRow> added = await run.Ledger.AddCompletionsAsync([.. missing.Select((candidate, i) => plan.Completion(index, candidate, drawn[i]))]);

        // Whoever else drew them first has the word: what counts is what the ledger keeps.
        return added.Count == candidates.Length ? added : await KnownAsync();

        async Task<IReadOnlyList<CompletionRow>> KnownAsync() =>
            [.. (await run.Ledger.CompletionsAsync(round.Stage, round.Round, index, index + 1)).Where(c => candidates.Contains(c.Candidate))];
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<GeneratedResponse>> GenerateAsync(EngineKind engine, string policy, IReadOnlyList<GenerationRequest> requests) =>
        SlotErrors.Translate(() => slots.Worker(Slot).GenerateAsync(engine, policy, requests, CancellationToken.None));

    /// <inheritdoc/>
    public Task<IReadOnlyList<float[]>> LogProbsAsync(EngineKind engine, string policy, IReadOnlyList<TokenSequence> sequences) =>
        SlotErrors.Translate(() => slots.Worker(Slot).LogProbsAsync(engine, policy, sequences, CancellationToken.None));
}
