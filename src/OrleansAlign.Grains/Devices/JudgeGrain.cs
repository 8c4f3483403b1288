using Orleans.Concurrency;
using Orleans.Placement;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Runs;
using OrleansAlign.Devices;

namespace OrleansAlign.Grains.Devices;

/// <summary>Judges with the worker of its slot. Callers choose the slot by what is judged, so that the same question meets itself here and is asked once.</summary>
[Reentrant, Immovable, OnDeviceSilo]
internal sealed class JudgeGrain(SlotHost slots, RunContexts runs) : Grain, IJudgeGrain
{
    private readonly Dictionary<(string? Run, VerdictKey Key), Task<Verdict>> asked = [];
    private readonly Dictionary<JudgeSpec, DeviceJudge> judges = [];

    private string Slot => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Verdict>> JudgeAsync(JudgeSpec spec, string? run, IReadOnlyList<JudgeQuestion> questions)
    {
        DeviceJudge judge = JudgeOf(spec);
        VerdictKey[] keys = [.. questions.Select(q => new VerdictKey(judge.Id, ContentHash.Of(q.Messages), ContentHash.Of(q.A), ContentHash.Of(q.B)))];

        // Between this look and the entry into `asked` nothing is awaited: of two callers with the same question, the second finds the first's.
        List<int> open = [.. Enumerable.Range(0, keys.Length).Where(i => !asked.ContainsKey((run, keys[i].ToCanonical()))).DistinctBy(i => keys[i].ToCanonical())];
        Dictionary<VerdictKey, Task<Verdict>> answers = [];
        foreach (VerdictKey key in keys.Select(k => k.ToCanonical()))
        {
            if (asked.TryGetValue((run, key), out Task<Verdict>? known)) answers[key] = known;
        }

        if (open.Count > 0)
        {
            Task<IReadOnlyDictionary<VerdictKey, Verdict>> batch = AskAsync(
                judge, run, open.ToDictionary(i => keys[i].ToCanonical(), i => keys[i].IsCanonical ? questions[i] : new JudgeQuestion(questions[i].Messages, questions[i].B, questions[i].A)));
            foreach (VerdictKey key in open.Select(i => keys[i].ToCanonical())) asked[(run, key)] = answers[key] = OneOf(batch, key);
            try
            {
                await batch;
            }
            finally
            {
                foreach (int i in open) asked.Remove((run, keys[i].ToCanonical()));
            }
        }

        var verdicts = new Verdict[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            Verdict verdict = await answers[keys[i].ToCanonical()];
            verdicts[i] = keys[i].IsCanonical ? verdict : verdict.Swap();
        }

        return verdicts;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Rating>> RateAsync(JudgeSpec spec, IReadOnlyList<RatedResponse> responses) =>
        SlotErrors.Translate(() => slots.Worker(Slot).RateAsync(JudgeOf(spec), responses, CancellationToken.None));

    /// <summary>Answers from the ledger, and from the judge what the ledger lacks; its answers are committed before anyone hears of them.</summary>
    private async Task<IReadOnlyDictionary<VerdictKey, Verdict>> AskAsync(DeviceJudge judge, string? run, Dictionary<VerdictKey, JudgeQuestion> questions)
    {
        IRunLedger? ledger = run is null ? null : runs.Ledger(run);
        Dictionary<VerdictKey, Verdict> answers = ledger is null ? [] : new(await ledger.VerdictsAsync(questions.Keys));
        VerdictKey[] open = [.. questions.Keys.Where(key => !answers.ContainsKey(key))];
        if (open.Length == 0) return answers;
        IReadOnlyList<Verdict> verdicts = await SlotErrors.Translate(() =>
            slots.Worker(Slot).JudgeAsync(judge, [.. open.Select(key => questions[key])], CancellationToken.None));
        VerdictRow[] rows = [.. open.Select((key, i) => new VerdictRow(key, verdicts[i]))];
        foreach (VerdictRow row in ledger is null ? rows : await ledger.AddVerdictsAsync(rows)) answers[row.Key] = row.Verdict;

        // A call that was given up and made again on another slot may have been answered by both: what counts is what the ledger keeps.
        VerdictKey[] others = [.. open.Where(key => !answers.ContainsKey(key))];
        if (others.Length > 0) foreach ((VerdictKey key, Verdict verdict) in await ledger!.VerdictsAsync(others)) answers[key] = verdict;
        return answers;
    }

    private static async Task<Verdict> OneOf(Task<IReadOnlyDictionary<VerdictKey, Verdict>> batch, VerdictKey key) => (await batch)[key];

    private DeviceJudge JudgeOf(JudgeSpec spec)
    {
        if (judges.TryGetValue(spec, out DeviceJudge? judge)) return judge;
        JudgeOptions options = spec.Recipe is { } text ? RecipeFile.Parse(text, "recipe", "/", needFiles: false).Recipe.Judge : new JudgeOptions();
        if (judges.Count == 64) judges.Clear();
        return judges[spec] = new DeviceJudge(spec.Engine, spec.Policy, options, spec.Seed);
    }
}
