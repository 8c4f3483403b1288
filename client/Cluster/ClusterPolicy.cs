using OrleansAlign.Core.Policies;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;

namespace OrleansAlign.Client.Cluster;

/// <summary>A policy on a cluster's device slots.</summary>
/// <param name="grains">The cluster's grains.</param>
/// <param name="slots">Its device slots.</param>
/// <param name="calls">Makes the calls.</param>
/// <param name="engine">The engine to compute with.</param>
/// <param name="hash">The policy's hash.</param>
internal sealed class ClusterPolicy(IGrainFactory grains, SlotDirectory slots, ClusterCalls calls, EngineKind engine, string hash) : IHostedPolicy
{
    private readonly GrainGenerator generator = new(grains, slots, calls.Remote, engine);

    /// <inheritdoc/>
    public IEnumerable<string> TooLong(IReadOnlyList<Prompt> prompts) => [];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> AnswerAsync(IReadOnlyList<GenerationRequest> requests, CancellationToken cancel) =>
        [.. (await generator.GenerateAsync(hash, requests, cancel).ConfigureAwait(false)).Select(r => r.Text)];

    /// <inheritdoc/>
    public IJudge Judge(RecipeFile? recipe)
    {
        var own = new OwnJudge(engine, recipe?.Text);
        return new GrainJudge(grains, slots, calls.Remote, new JudgeRef(hash, Run: null, IsRecorded: false, own), engine, own.Factory().IdOf(hash));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
