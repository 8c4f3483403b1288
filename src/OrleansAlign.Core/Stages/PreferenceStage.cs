using OrleansAlign.Core.Data;
using OrleansAlign.Core.Data.Verification;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Stages;

/// <summary>Training on preference pairs, in rounds: each round decides its prompts' tournaments, and trains on the pairs that result.</summary>
internal sealed class PreferenceStage : IStage
{
    /// <summary>Prompts read back from the ledger at once; bounds memory, not results.</summary>
    private const int PromptsAtOnce = 256;

    private readonly int stage;
    private readonly PreferenceOptions options;
    private readonly StageContext context;
    private readonly RoundData data;

    /// <summary>Reads and checks the data.</summary>
    /// <exception cref="InvalidDataException">Something is wrong with the data: a line for each fault.</exception>
    public PreferenceStage(int stage, PreferenceOptions options, StageContext context)
    {
        (this.stage, this.options, this.context) = (stage, options, context);
        List<string> notes = [];
        string path = string.Join(" and ", options.DataFiles().Select(file => context.Resolve(file.Path)));
        IReadOnlyList<GivenPrompt> prompts = options.ReadPrompts(context, notes);
        bool checks = options.NeedsJudge && context.Judge.Kind == JudgeKind.Rule;
        if (checks)
        {
            IEnumerable<string> problems = Verifiers.Problems(prompts.Select(p => p.Prompt));
            StageData.ThrowIfAny(path, problems.Select(p => $"{p}: judge.kind is rule, so every prompt needs one"));
        }

        var length = new LengthRule(options.TooLong, path, "rows", context.Encoder.ContextLength);
        IReadOnlyList<GivenPrompt> fitting = [.. prompts.Select(p => Fitting(p, length)).OfType<GivenPrompt>()];
        length.Tell(notes);
        if (fitting.Count == 0)
        {
            string fits = length.Left > 0 ? " that fits the model's context with its answers" : "";
            throw new InvalidDataException($"{path}: no prompts; give at least one{fits}");
        }

        if (options.NeedsJudge && JudgeRoom.Note(context, options.DrawnBy.MaxNewTokens, [.. fitting.Select(p => p.Prompt)]) is { } note)
            notes.Add($"{path}: {note}");
        int perRound = options.RoundSize == 0 ? fitting.Count : options.RoundSize;
        data = new RoundData(fitting, new RoundPrompts(context.Seeds.Prompts(stage), fitting.Count, perRound), checks);
        Notes = notes;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes { get; }

    /// <inheritdoc/>
    public IEnumerable<TrainedRow> Rows()
    {
        foreach ((Prompt prompt, IReadOnlyList<string> answers) in data.Prompts)
        {
            int[] asked = context.Encoder.Prompt(prompt.Messages, prompt.Variables);
            if (answers.Count == 0) yield return new TrainedRow(prompt.Source, "prompt", new TokenSequence(asked, asked.Length));
            for (int i = 0; i < answers.Count; i++)
            {
                TokenSequence answer = context.Encoder.Answer(prompt.Messages, answers[i], prompt.Variables);
                yield return new TrainedRow(prompt.Source, i == 0 ? "chosen" : "rejected", answer);
            }
        }
    }

    /// <inheritdoc/>
    public RoundPlan? Plan(int round, RoundPolicies policies) => new(stage, round, options, data, context, policies);

    /// <inheritdoc/>
    public PairFeed? Feed(int round) => new(stage, round, data.Order.Count);

    /// <inheritdoc/>
    public async Task<RoundRow> RunAsync(int round, string policy, string entering, HostPorts services, CancellationToken cancel)
    {
        var policies = new RoundPolicies(
            policy, options.JudgedBy == JudgePolicy.Frozen ? entering : policy, options.AnchoredTo == ReferencePolicy.Kept ? entering : policy);
        RoundPlan plan = Plan(round, policies)!;
        await services.Player.PlayAsync(plan, cancel).ConfigureAwait(false);
        RoundTally tally = await TallyAsync(plan, services.Ledger, cancel).ConfigureAwait(false);
        if (tally.FirstUnreadable is { } unread) await ExampleAsync(plan, unread, services, cancel).ConfigureAwait(false);
        Dictionary<string, double> metrics = tally.Metrics();
        string trained = policy;
        if (tally.Pairs > 0)
        {
            trained = await services.Trainer.TrainAsync(stage, round, policy, cancel).ConfigureAwait(false);
            IReadOnlyList<StepRow> steps = await services.Ledger.StepsAsync(stage, round, cancel).ConfigureAwait(false);
            foreach ((string name, double value) in RoundMetrics.OfSteps(steps)) metrics[name] = value;
        }

        return new RoundRow(stage, round, options.Kind, policy, trained, metrics);
    }

    /// <inheritdoc/>
    public async Task<string> TrainAsync(int round, string policy, TrainingServices services, CancellationToken cancel)
    {
        PairFeed feed = services.Feed is { } given && (given.Stage, given.Round) == (stage, round) ? given : Feed(round)!;
        if (!await feed.PullAsync(services.Ledger, cancel).ConfigureAwait(false))
        {
            throw new InvalidDataException(
                $"round {round} of stage {stage} cannot be trained: prompt {feed.Next} of {feed.Count} has no pair set in the ledger; "
                + "rows were deleted: start a new run");
        }

        var plan = new BatchPlan(context.Seeds.Rows(stage, round), feed.Pairs, options.RowsPerStep, firstInOrder: true);
        return await TrainingLoop.RunAsync(
            services, stage, round, policy, options, options.StepCount(feed.Pairs),
            async step =>
            {
                IReadOnlyList<PreferenceExample> pairs = await feed.ReadAsync(plan.RowsOf(step), services.Ledger, cancel).ConfigureAwait(false);
                return (
                    new TrainingBatch([.. pairs.SelectMany(p => new[] { p.Chosen, p.Rejected })]) { DropoutSeed = context.Seeds.Dropout(stage, round, step) },
                    new PreferenceLoss(options.TrainedBy, options.TrainedBy.NeedsReference ? [.. pairs.Select(p => p.Reference!.Value)] : null));
            },
            cancel).ConfigureAwait(false);
    }

    /// <summary>The prompt, if it fits the model's context with each given answer, and with room for one that is drawn.</summary>
    private GivenPrompt? Fitting(GivenPrompt given, LengthRule rule)
    {
        Prompt prompt = given.Prompt;
        ConversationEncoder encoder = context.Encoder;
        IReadOnlyList<ChatMessage>? messages = StageData.At(
            prompt.Source, () => rule.Fit(prompt.Source, prompt.Messages, kept: 1, Length, encoder.ContextLength));
        return messages is null ? null : ReferenceEquals(messages, prompt.Messages) ? given : given with { Prompt = prompt with { Messages = messages } };

        int Length(IReadOnlyList<ChatMessage> of) => given.Answers
            .Select(answer => encoder.Answer(of, answer, prompt.Variables).Tokens.Length)
            .Append(options.Drawn > 0 ? encoder.Prompt(of, prompt.Variables).Length + 1 : 0).Max();
    }

    /// <summary>Shows why a candidate got no rating, in the judge's own words.</summary>
    private static async Task ExampleAsync(RoundPlan plan, CompletionRow candidate, HostPorts services, CancellationToken cancel)
    {
        RatedResponse rated = new(plan.Tournament(candidate.Key.Index, []).Messages, candidate.Text);
        RatingKey key = rated.Key(services.JudgeOf(plan.Policies.Judge).Id);
        IReadOnlyDictionary<RatingKey, Rating> ratings = await services.Ledger.RatingsAsync([key], cancel).ConfigureAwait(false);
        if (ratings.TryGetValue(key, out Rating? rating) && rating is Rating.Unparsable { Reason: var reason })
            services.Progress.Report(new RunEvent.Noted($"candidate {candidate.Candidate} of prompt {candidate.PromptId} got no rating: {reason}"));
    }

    /// <summary>Reads the decided round back, some prompts at a time, in order.</summary>
    private async Task<RoundTally> TallyAsync(RoundPlan plan, IRunLedger ledger, CancellationToken cancel)
    {
        var tally = new RoundTally(plan.Decision.AsksJudge);
        for (int from = 0; from < plan.Count; from += PromptsAtOnce)
        {
            int to = Math.Min(from + PromptsAtOnce, plan.Count), expected = (to - from) * plan.Candidates;
            IReadOnlyList<PairSetRow> sets = await ledger.PairSetsAsync(stage, plan.Round, from, to, cancel).ConfigureAwait(false);
            IReadOnlyList<CompletionRow> completions = await ledger.CompletionsAsync(stage, plan.Round, from, to, cancel).ConfigureAwait(false);
            VerdictKey[] keys = [.. sets.SelectMany(s => s.Matches).Where(m => m.Key is not null).Select(m => m.Key!.Value.ToCanonical()).Distinct()];
            IReadOnlyDictionary<VerdictKey, Verdict> verdicts = await ledger.VerdictsAsync(keys, cancel).ConfigureAwait(false);
            if (sets.Count < to - from || completions.Count < expected || verdicts.Count < keys.Length)
            {
                throw new InvalidDataException(
                    $"the ledger has {sets.Count} pair sets, {completions.Count} candidates and {verdicts.Count} verdicts of prompts {from} to {to - 1} "
                    + $"in round {plan.Round} of stage {stage}; {to - from}, {expected} and {keys.Length} belong there: rows were deleted, start a new run");
            }

            foreach ((PairSetRow set, CompletionRow[] candidates) in sets.Zip(completions.Chunk(plan.Candidates))) tally.Add(candidates, set, verdicts);
        }

        return tally;
    }
}
