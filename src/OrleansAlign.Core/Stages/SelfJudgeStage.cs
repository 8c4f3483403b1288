using OrleansAlign.Core.Data;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Stages;

/// <summary>Self-training by on-policy judgement: per round, draw candidates, play brackets, train on their pairs.</summary>
internal sealed class SelfJudgeStage : IStage
{
    /// <summary>Prompts read back from the ledger at once; bounds memory, not results.</summary>
    private const int PromptsAtOnce = 256;

    private readonly int stage;
    private readonly SelfJudgeOptions options;
    private readonly RunSeeds seeds;
    private readonly IReadOnlyList<Prompt> prompts;
    private readonly RoundPrompts order;

    public SelfJudgeStage(int stage, SelfJudgeOptions options, StageContext context)
    {
        (this.stage, this.options, seeds) = (stage, options, context.Seeds);
        var report = new DataReport();
        string path = context.Recipe.Resolve(options.Prompts);
        prompts = [.. DataFile.Prompts(path, report)];
        report.ThrowIfBroken();
        if (prompts.Count == 0) throw new InvalidDataException($"{path}: no prompts; give a JSONL file with at least one");
        order = new RoundPrompts(seeds.Prompts(stage), prompts.Count, options.PromptsPerRound == 0 ? prompts.Count : options.PromptsPerRound);
        string[] problems = [.. context.Encoder.TooLong(prompts)];
        if (problems.Length > 0) throw new InvalidDataException(string.Join('\n', problems.Select(p => $"{path}: {p}")));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes => [];

    /// <inheritdoc/>
    public RoundPlan? Plan(int round, RoundPolicies policies) => new(stage, round, options, prompts, order, seeds, policies);

    /// <inheritdoc/>
    public PairFeed? Feed(int round) => new(stage, round, order.Count);

    /// <inheritdoc/>
    public async Task<RoundRow> RunAsync(int round, string policy, string entering, RunServices services, CancellationToken cancel)
    {
        var policies = new RoundPolicies(policy, options.Judge == JudgePolicy.Frozen ? entering : policy, options.Reference == ReferencePolicy.Kept ? entering : policy);
        await services.Player.PlayAsync(Plan(round, policies)!, cancel).ConfigureAwait(false);
        RoundTally tally = await TallyAsync(round, services.Ledger, cancel).ConfigureAwait(false);
        Dictionary<string, double> metrics = tally.Metrics();
        string trained = policy;
        if (tally.Pairs > 0)
        {
            trained = await services.Trainer.TrainAsync(stage, round, policy, cancel).ConfigureAwait(false);
            foreach ((string name, double value) in RoundMetrics.OfSteps(await services.Ledger.StepsAsync(stage, round, cancel).ConfigureAwait(false))) metrics[name] = value;
        }

        return new RoundRow(stage, round, "self-judge", policy, trained, metrics);
    }

    /// <inheritdoc/>
    public async Task<string> TrainAsync(int round, string policy, TrainingServices services, CancellationToken cancel)
    {
        PairFeed feed = services.Feed is { } given && (given.Stage, given.Round) == (stage, round) ? given : Feed(round)!;
        if (!await feed.PullAsync(services.Ledger, cancel).ConfigureAwait(false))
        {
            throw new InvalidDataException($"round {round} of stage {stage} cannot be trained: prompt {feed.Next} of {feed.Count} has no pair set in the ledger; play it first");
        }

        int total = options.StepCount(feed.Pairs);
        var plan = new BatchPlan(seeds.Rows(stage, round), feed.Pairs, options.RowsPerStep, firstInOrder: true);
        return await TrainingLoop.RunAsync(
            services, stage, round, policy, options, total,
            async step =>
            {
                IReadOnlyList<PreferenceExample> pairs = await feed.ReadAsync(plan.RowsOf(step), services.Ledger, cancel).ConfigureAwait(false);
                return (
                    new TrainingBatch([.. pairs.SelectMany(p => new[] { p.Chosen, p.Rejected })]) { DropoutSeed = seeds.Dropout(stage, round, step) },
                    new PreferenceLoss(options.Loss, [.. pairs.Select(p => p.Reference)]));
            },
            cancel).ConfigureAwait(false);
    }

    /// <summary>Reads the played round back, some prompts at a time, in order.</summary>
    private async Task<RoundTally> TallyAsync(int round, IRunLedger ledger, CancellationToken cancel)
    {
        var tally = new RoundTally();
        for (int from = 0; from < order.Count; from += PromptsAtOnce)
        {
            int to = Math.Min(from + PromptsAtOnce, order.Count);
            IReadOnlyList<PairSetRow> sets = await ledger.PairSetsAsync(stage, round, from, to, cancel).ConfigureAwait(false);
            IReadOnlyList<CompletionRow> completions = await ledger.CompletionsAsync(stage, round, from, to, cancel).ConfigureAwait(false);
            VerdictKey[] keys = [.. sets.SelectMany(s => s.Matches).Where(m => m.Key is not null).Select(m => m.Key!.Value.ToCanonical()).Distinct()];
            IReadOnlyDictionary<VerdictKey, Verdict> verdicts = await ledger.VerdictsAsync(keys, cancel).ConfigureAwait(false);
            if (sets.Count < to - from || completions.Count < (to - from) * options.Candidates || verdicts.Count < keys.Length)
            {
                throw new InvalidDataException(
                    $"the ledger has {sets.Count} pair sets, {completions.Count} candidates and {verdicts.Count} verdicts of prompts {from} to {to - 1} in round {round} of stage {stage}; "
                    + $"{to - from}, {(to - from) * options.Candidates} and {keys.Length} belong there: rows were deleted, start a new run");
            }

            foreach ((PairSetRow set, CompletionRow[] candidates) in sets.Zip(completions.Chunk(options.Candidates))) tally.Add(candidates, set, verdicts);
        }

        return tally;
    }
}
