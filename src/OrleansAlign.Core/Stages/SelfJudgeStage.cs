using System.Text.Json;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Stages;

/// <summary>Self-training by on-policy judgement: per round, draw candidates, play brackets, train on their pairs.</summary>
internal sealed class SelfJudgeStage : IStage
{
    /// <summary>Prompts whose candidates are drawn and judged together; bounds memory, not results.</summary>
    private const int PromptsAtOnce = 64;

    private readonly int stage;
    private readonly SelfJudgeOptions options;
    private readonly RunSeeds seeds;
    private readonly RunServices services;
    private readonly IReadOnlyList<Prompt> prompts;
    private readonly RoundPrompts order;

    public SelfJudgeStage(int stage, SelfJudgeOptions options, RecipeFile recipe, RunSeeds seeds, RunServices services)
    {
        (this.stage, this.options, this.seeds, this.services) = (stage, options, seeds, services);
        var report = new DataReport();
        prompts = [.. DataFile.Prompts(recipe.Resolve(options.Prompts), report)];
        report.ThrowIfBroken();
        if (prompts.Count == 0) throw new InvalidDataException($"{recipe.Resolve(options.Prompts)}: no prompts; give a JSONL file with at least one");
        order = new RoundPrompts(seeds.Prompts(stage), prompts.Count, options.PromptsPerRound == 0 ? prompts.Count : options.PromptsPerRound);
        string[] problems = [.. services.Encoder.TooLong(prompts)];
        if (problems.Length > 0) throw new InvalidDataException(string.Join('\n', problems.Select(p => $"{recipe.Resolve(options.Prompts)}: {p}")));
    }

    /// <inheritdoc/>
    public async Task<RoundRow> RunAsync(int round, string policy, string entering, CancellationToken cancel)
    {
        string reference = options.Reference == ReferencePolicy.Kept ? entering : policy;
        IContest contest = ContestOf(services.JudgeOf(options.Judge == JudgePolicy.Frozen ? entering : policy));
        int count = order.Count;
        var tally = new RoundTally();
        List<PreferenceExample> examples = [];
        for (int from = 0; from < count; from += PromptsAtOnce)
        {
            int to = Math.Min(from + PromptsAtOnce, count);
            IReadOnlyList<CompletionRow> completions = await GenerateAsync(round, from, to, policy, cancel).ConfigureAwait(false);
            examples.AddRange(await PlayAsync(round, from, to, completions, contest, reference, tally, cancel).ConfigureAwait(false));
            services.Progress.Report(new RunEvent.Advanced("play", to, count, "prompts"));
        }

        var metrics = new Dictionary<string, double>(tally.Metrics());
        string trained = policy;
        if (examples.Count > 0)
        {
            trained = await TrainAsync(round, policy, examples, cancel).ConfigureAwait(false);
            foreach ((string name, double value) in RoundMetrics.OfSteps(await services.Ledger.StepsAsync(stage, round, cancel).ConfigureAwait(false))) metrics[name] = value;
        }

        return new RoundRow(stage, round, "self-judge", policy, trained, metrics);
    }

    private IContest ContestOf(IJudge judge) => options.PairsScores
        ? new ScoreContest((IRater)judge, services.Ledger, options.Pairing)
        : new BracketContest(judge, services.Ledger, options.Bracket, options.Pairing);

    private Prompt PromptAt(int round, int index) => prompts[order.At(round, index)];

    /// <summary>The candidates of some prompts: those that the ledger has, and the others freshly drawn and committed.</summary>
    private async Task<IReadOnlyList<CompletionRow>> GenerateAsync(int round, int from, int to, string policy, CancellationToken cancel)
    {
        IReadOnlyList<CompletionRow> known = await services.Ledger.CompletionsAsync(stage, round, from, to, cancel).ConfigureAwait(false);
        if (known.Count == (to - from) * options.Candidates) return known;

        HashSet<(int Prompt, int Candidate)> have = [.. known.Select(c => (c.Key.Index, c.Candidate))];
        List<(PromptKey Key, int Candidate, ulong Seed)> missing = [];
        List<GenerationRequest> requests = [];
        for (int index = from; index < to; index++)
        {
            var key = new PromptKey(stage, round, index);
            Prompt prompt = PromptAt(round, index);
            for (int candidate = 0; candidate < options.Candidates; candidate++)
            {
                if (have.Contains((index, candidate))) continue;
                ulong seed = seeds.Candidate(key, candidate);
                missing.Add((key, candidate, seed));
                requests.Add(new GenerationRequest(prompt.Messages, seed, options.Sampling));
            }
        }

        IReadOnlyList<GeneratedResponse> drawn = await services.Generator.GenerateAsync(policy, requests, cancel).ConfigureAwait(false);
        await services.Ledger.AddCompletionsAsync(
            [.. drawn.Select((d, i) => new CompletionRow(
                missing[i].Key, PromptAt(round, missing[i].Key.Index).Id, missing[i].Candidate, policy, missing[i].Seed, d.Finish, d.Tokens, d.LogProbs, d.Text))],
            cancel).ConfigureAwait(false);
        return await services.Ledger.CompletionsAsync(stage, round, from, to, cancel).ConfigureAwait(false);
    }

    /// <summary>Decides the contests of some prompts and commits one pair set per prompt.</summary>
    private async Task<IReadOnlyList<PreferenceExample>> PlayAsync(
        int round, int from, int to, IReadOnlyList<CompletionRow> completions, IContest contest, string reference, RoundTally tally, CancellationToken cancel)
    {
        CompletionRow[][] candidates = [.. completions.Chunk(options.Candidates)];
        IReadOnlyList<ContestResult> results = await contest.DecideAsync(
            [.. candidates.Select((c, i) => new ContestEntry(PromptAt(round, from + i).Messages, c, seeds.Bracket(new PromptKey(stage, round, from + i))))], cancel).ConfigureAwait(false);

        IReadOnlyList<PairSetRow> known = await services.Ledger.PairSetsAsync(stage, round, from, to, cancel).ConfigureAwait(false);
        if (known.Count < to - from)
        {
            await services.Ledger.AddPairSetsAsync(
                await PairSetsAsync(round, from, candidates, results, reference, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
            known = await services.Ledger.PairSetsAsync(stage, round, from, to, cancel).ConfigureAwait(false);
        }

        List<PreferenceExample> examples = [];
        for (int i = 0; i < known.Count; i++)
        {
            tally.Add(candidates[i], results[i].Judged, known[i]);
            examples.AddRange(known[i].Pairs.Select(pair => PreferenceExample.Of(known[i], pair, candidates[i])));
        }

        return examples;
    }

    private async Task<IReadOnlyList<PairSetRow>> PairSetsAsync(
        int round, int from, CompletionRow[][] candidates, IReadOnlyList<ContestResult> results, string reference, CancellationToken cancel)
    {
        int[][] promptTokens = [.. results.Select((_, i) => services.Encoder.Prompt(PromptAt(round, from + i).Messages))];
        Dictionary<(int Prompt, int Candidate), double> scores = await ReferenceScoresAsync(candidates, results, promptTokens, reference, cancel).ConfigureAwait(false);
        return [.. results.Select((result, i) =>
        {
            Prompt prompt = PromptAt(round, from + i);
            return new PairSetRow(
                new PromptKey(stage, round, from + i), prompt.Id, JsonSerializer.Serialize(prompt.Messages), promptTokens[i], reference, result.Matches, result.Scores,
                [.. result.Picks.Select(p => new PairRow(p.Chosen, p.Rejected, p.Margin, scores[(i, p.Chosen)], scores[(i, p.Rejected)]))]);
        })];
    }

    /// <summary>Log-probs of paired candidates under the reference. Where it drew them itself, what it recorded then is the answer, to the bit.</summary>
    private async Task<Dictionary<(int Prompt, int Candidate), double>> ReferenceScoresAsync(
        CompletionRow[][] candidates, IReadOnlyList<ContestResult> results, int[][] promptTokens, string reference, CancellationToken cancel)
    {
        (int Prompt, int Candidate)[] paired = [.. results.SelectMany((r, i) => r.Picks.SelectMany(pick => new[] { (i, pick.Chosen), (i, pick.Rejected) })).Distinct()];
        Dictionary<(int, int), double> scores = [];
        List<(int Prompt, int Candidate)> unknown = [];
        foreach ((int prompt, int candidate) in paired)
        {
            CompletionRow row = candidates[prompt][candidate];
            if (row.Policy == reference) scores[(prompt, candidate)] = Sum(row.LogProbs);
            else unknown.Add((prompt, candidate));
        }

        if (unknown.Count == 0) return scores;
        IReadOnlyList<float[]> logProbs = await services.Scorer.LogProbsAsync(
            reference, [.. unknown.Select(u => Sequence(promptTokens[u.Prompt], candidates[u.Prompt][u.Candidate].Tokens))], cancel).ConfigureAwait(false);
        for (int i = 0; i < unknown.Count; i++) scores[unknown[i]] = Sum(logProbs[i]);
        return scores;
    }

    private async Task<string> TrainAsync(int round, string policy, List<PreferenceExample> examples, CancellationToken cancel)
    {
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

    private static TokenSequence Sequence(int[] prompt, int[] completion) => new([.. prompt, .. completion], prompt.Length);

    private static double Sum(float[] logProbs)
    {
        double sum = 0;
        foreach (float logProb in logProbs) sum += logProb;
        return sum;
    }

    /// <summary>A pair as it is trained on.</summary>
    private sealed record PreferenceExample(TokenSequence Chosen, TokenSequence Rejected, ReferenceLogProbs Reference)
    {
        public static PreferenceExample Of(PairSetRow set, PairRow pair, CompletionRow[] candidates) => new(
            Sequence(set.PromptTokens, candidates[pair.Chosen].Tokens), Sequence(set.PromptTokens, candidates[pair.Rejected].Tokens),
            new ReferenceLogProbs(pair.ReferenceChosen, pair.ReferenceRejected));
    }
}
