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
    public RoundPlan? Plan(int round, string policy, string entering) => new(
        stage, round, options, prompts, order, seeds,
        new RoundPolicies(policy, options.Judge == JudgePolicy.Frozen ? entering : policy, options.Reference == ReferencePolicy.Kept ? entering : policy));

    /// <inheritdoc/>
    public async Task<RoundRow> RunAsync(int round, string policy, string entering, RunServices services, CancellationToken cancel)
    {
        await services.Player.PlayAsync(Plan(round, policy, entering)!, cancel).ConfigureAwait(false);
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
        List<PreferenceExample> examples = [];
        await ForEachPromptAsync(
            round, services.Ledger, chunk =>
            {
                foreach ((PairSetRow set, CompletionRow[] candidates) in chunk) examples.AddRange(set.Pairs.Select(pair => PreferenceExample.Of(set, pair, candidates)));
                return Task.CompletedTask;
            },
            cancel).ConfigureAwait(false);
        int total = options.StepCount(examples.Count);
        var plan = new BatchPlan(seeds.Rows(stage, round), examples.Count, options.RowsPerStep, firstInOrder: true);
        return await TrainingLoop.RunAsync(
            services, stage, round, policy, options, total,
            step =>
            {
                PreferenceExample[] batch = [.. plan.RowsOf(step).Select(i => examples[i])];
                return (
                    new TrainingBatch([.. batch.SelectMany(e => new[] { e.Chosen, e.Rejected })]) { DropoutSeed = seeds.Dropout(stage, round, step) },
                    new PreferenceLoss(options.Loss, [.. batch.Select(e => e.Reference)]));
            },
            cancel).ConfigureAwait(false);
    }

    private async Task<RoundTally> TallyAsync(int round, IRunLedger ledger, CancellationToken cancel)
    {
        var tally = new RoundTally();
        await ForEachPromptAsync(
            round, ledger, async chunk =>
            {
                VerdictKey[] keys = [.. chunk.SelectMany(p => p.Set.Matches).Where(m => m.Key is not null).Select(m => m.Key!.Value.ToCanonical()).Distinct()];
                IReadOnlyDictionary<VerdictKey, Verdict> verdicts = await ledger.VerdictsAsync(keys, cancel).ConfigureAwait(false);
                foreach ((PairSetRow set, CompletionRow[] candidates) in chunk) tally.Add(candidates, set, verdicts);
            },
            cancel).ConfigureAwait(false);
        return tally;
    }

    /// <summary>Reads a played round back, some prompts at a time, in order.</summary>
    private async Task ForEachPromptAsync(int round, IRunLedger ledger, Func<IReadOnlyList<(PairSetRow Set, CompletionRow[] Candidates)>, Task> visit, CancellationToken cancel)
    {
        for (int from = 0; from < order.Count; from += PromptsAtOnce)
        {
            int to = Math.Min(from + PromptsAtOnce, order.Count);
            IReadOnlyList<PairSetRow> sets = await ledger.PairSetsAsync(stage, round, from, to, cancel).ConfigureAwait(false);
            IReadOnlyList<CompletionRow> completions = await ledger.CompletionsAsync(stage, round, from, to, cancel).ConfigureAwait(false);
            if (sets.Count < to - from || completions.Count < (to - from) * options.Candidates)
            {
                throw new InvalidDataException(
                    $"the ledger has {sets.Count} pair sets and {completions.Count} candidates of prompts {from} to {to - 1} in round {round} of stage {stage}, "
                    + $"{to - from} and {(to - from) * options.Candidates} belong there; rows were deleted: start a new run");
            }

            await visit([.. sets.Zip(completions.Chunk(options.Candidates))]).ConfigureAwait(false);
        }
    }

    /// <summary>A pair as it is trained on.</summary>
    private sealed record PreferenceExample(TokenSequence Chosen, TokenSequence Rejected, ReferenceLogProbs Reference)
    {
        public static PreferenceExample Of(PairSetRow set, PairRow pair, CompletionRow[] candidates) => new(
            ReferenceScores.Sequence(set.PromptTokens, candidates[pair.Chosen].Tokens), ReferenceScores.Sequence(set.PromptTokens, candidates[pair.Rejected].Tokens),
            new ReferenceLogProbs(pair.ReferenceChosen, pair.ReferenceRejected));
    }
}
