using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Grains.Contracts.Remote;

/// <summary>Judges with the cluster's device slots. Questions about one conversation go to one slot, which answers equal questions once.</summary>
/// <param name="grains">The cluster's grains.</param>
/// <param name="slots">The slots.</param>
/// <param name="calls">Makes the calls.</param>
/// <param name="judge">The judge.</param>
/// <param name="engine">The engine that its policy runs on.</param>
/// <param name="id">The judge's <see cref="IJudge.Id"/>.</param>
public sealed class GrainJudge(IGrainFactory grains, SlotDirectory slots, RemoteCalls calls, JudgeRef judge, EngineKind engine, string id) : IRater
{
    private readonly SlotWork work = new(slots, calls, engine);

    /// <inheritdoc cref="IJudge.Id"/>
    public string Id => id;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Verdict>> JudgeAsync(IReadOnlyList<JudgeQuestion> questions, CancellationToken cancel) => work.DoAsync(
        "judge.judge", questions, q => ContentHash.Of(q.Messages), (slot, part) => grains.GetGrain<IJudgeGrain>(slot).JudgeAsync(judge, part), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Rating>> RateAsync(IReadOnlyList<RatedResponse> responses, CancellationToken cancel) => work.DoAsync(
        "judge.rate", responses, r => ContentHash.Of(r.Messages), (slot, part) => grains.GetGrain<IJudgeGrain>(slot).RateAsync(judge, part), cancel);
}
