using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Tournaments;

namespace OrleansAlign.Grains.Contracts.Remote;

/// <summary>Judges with the cluster's device slots. Questions about one conversation go to one slot, where the same question, asked twice, is answered once.</summary>
/// <param name="grains">The way to the cluster.</param>
/// <param name="slots">The slots.</param>
/// <param name="calls">Makes the calls.</param>
/// <param name="spec">The judge.</param>
/// <param name="run">The run whose ledger keeps the verdicts; null: nobody keeps them.</param>
public sealed class GrainJudge(IGrainFactory grains, SlotDirectory slots, RemoteCalls calls, JudgeSpec spec, string? run) : IJudge, IRater
{
    private readonly SlotWork work = new(slots, calls, spec.Engine);

    /// <inheritdoc cref="IJudge.Id"/>
    public string Id { get; } = OptionsOf(spec).IdOf(spec.Policy, spec.Seed);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Verdict>> JudgeAsync(IReadOnlyList<JudgeQuestion> questions, CancellationToken cancel) => work.DoAsync(
        "judge.judge", questions, q => ContentHash.Of(q.Messages), (slot, part) => grains.GetGrain<IJudgeGrain>(slot).JudgeAsync(spec, run, part), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Rating>> RateAsync(IReadOnlyList<RatedResponse> responses, CancellationToken cancel) => work.DoAsync(
        "judge.rate", responses, r => ContentHash.Of(r.Messages), (slot, part) => grains.GetGrain<IJudgeGrain>(slot).RateAsync(spec, part), cancel);

    /// <summary>How a judge is asked.</summary>
    /// <exception cref="RecipeException">Its recipe is broken.</exception>
    public static JudgeOptions OptionsOf(JudgeSpec spec) =>
        spec.Recipe is { } text ? RecipeFile.Parse(text, "recipe", Path.GetPathRoot(Path.GetFullPath("."))!, needFiles: false).Recipe.Judge : new JudgeOptions();
}
