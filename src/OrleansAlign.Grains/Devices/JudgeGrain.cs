using Orleans.Concurrency;
using Orleans.Placement;
using OrleansAlign.Core.Judges;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ports;
using OrleansAlign.Devices;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Runs;

namespace OrleansAlign.Grains.Devices;

/// <summary>Judges with the worker of its slot. Callers choose the slot by the conversation: equal questions reach one grain and are asked once.</summary>
[Reentrant, Immovable, OnDeviceSilo]
internal sealed class JudgeGrain(SlotHost slots, RunContexts runs) : Grain, IJudgeGrain
{
    /// <summary>Most judges kept. At the limit all are dropped; a judge that is needed again is made again.</summary>
    private const int Capacity = 64;

    private readonly Dictionary<JudgeRef, IRater> judges = [];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Verdict>> JudgeAsync(JudgeRef judge, IReadOnlyList<JudgeQuestion> questions)
    {
        IRater rater = await FindAsync(judge);
        return await SlotErrors.Translate(() => rater.JudgeAsync(questions, CancellationToken.None));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Rating>> RateAsync(JudgeRef judge, IReadOnlyList<RatedResponse> responses)
    {
        IRater rater = await FindAsync(judge);
        return await SlotErrors.Translate(() => rater.RateAsync(responses, CancellationToken.None));
    }

    private async ValueTask<IRater> FindAsync(JudgeRef judge)
    {
        if (judges.TryGetValue(judge, out IRater? known)) return known;
        IRater made = await MakeAsync(judge);

        // Two calls may have made the same judge while they waited; both must use the same instance, which asks equal questions once.
        if (judges.TryGetValue(judge, out known)) return known;
        if (judges.Count == Capacity) judges.Clear();
        return judges[judge] = made;
    }

    private async Task<IRater> MakeAsync(JudgeRef judge)
    {
        DeviceWorker worker = slots.Worker(this.GetPrimaryKeyString());
        if (judge.Own is { } own) return new WorkerJudge(worker, new DeviceJudge(own.Engine, judge.Policy, own.Factory()));
        RunContext run = await runs.GetAsync(judge.Run!);
        var asked = new WorkerJudge(worker, new DeviceJudge(run.Engine, judge.Policy, run.Setup.Judges));
        return judge.IsRecorded ? new RecordedJudge(asked, run.Ledger) : asked;
    }
}
