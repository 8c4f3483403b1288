using OrleansAlign.Core.Data;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Core.Supervision;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Stages;

/// <summary>Supervised fine-tuning, with or without judgements among the rows.</summary>
internal sealed class SupervisedStage : IStage
{
    private readonly int stage;
    private readonly string kind;
    private readonly TrainingOptions options;
    private readonly RunSeeds seeds;
    private readonly IReadOnlyList<TokenSequence> rows;

    private SupervisedStage(int stage, string kind, TrainingOptions options, RunSeeds seeds, IReadOnlyList<TokenSequence> rows) =>
        (this.stage, this.kind, this.options, this.seeds, this.rows) = (stage, kind, options, seeds, rows);

    /// <summary>Sets up plain supervised fine-tuning.</summary>
    public static SupervisedStage Create(int stage, SftOptions options, StageContext context)
    {
        IEnumerable<SupervisedRow> answers = Read(context.Recipe.Resolve(options.Demonstrations), DataFile.Demonstrations, context).Select(AnswerOf);
        return new SupervisedStage(stage, "sft", options, context.Seeds, Tokenize(answers, context, context.Recipe.Resolve(options.Demonstrations)));
    }

    /// <summary>Sets up judge-augmented supervised fine-tuning.</summary>
    public static SupervisedStage Create(int stage, JudgeSftOptions options, StageContext context)
    {
        (RecipeFile recipe, RunSeeds seeds) = (context.Recipe, context.Seeds);
        string demonstrations = recipe.Resolve(options.Demonstrations), preferences = recipe.Resolve(options.Preferences);
        IReadOnlyList<string> principles = recipe.Recipe.Judge.Principles is { Count: > 1 } several ? several : [];
        SupervisedSet set = JudgeSupervision.Build(
            Read(demonstrations, DataFile.Demonstrations, context),
            Read(preferences, (path, report) => DataFile.Preferences(path, report, new RatedReading { Seed = seeds.Rows(stage, 0), Principles = principles }), context),
            new JudgeSupervisionOptions { Templates = recipe.Recipe.Judge.Resolve(), Rationales = options.Rationale, Seed = seeds.Rows(stage, 0) });
        Note(context, preferences, set.Dropped);
        return new SupervisedStage(stage, "judge-sft", options, seeds, Tokenize(set.Rows, context, $"{demonstrations} and {preferences}"));
    }

    /// <inheritdoc/>
    public RoundPlan? Plan(int round, RoundPolicies policies) => null;

    /// <inheritdoc/>
    public PairFeed? Feed(int round) => null;

    /// <inheritdoc/>
    public async Task<RoundRow> RunAsync(int round, string policy, string entering, RunServices services, CancellationToken cancel)
    {
        string trained = await services.Trainer.TrainAsync(stage, round, policy, cancel).ConfigureAwait(false);
        Dictionary<string, double> metrics = RoundMetrics.OfSteps(await services.Ledger.StepsAsync(stage, round, cancel).ConfigureAwait(false));
        metrics[RoundMetrics.Rows] = rows.Count;
        return new RoundRow(stage, round, kind, policy, trained, metrics);
    }

    /// <inheritdoc/>
    public Task<string> TrainAsync(int round, string policy, TrainingServices services, CancellationToken cancel)
    {
        var plan = new BatchPlan(seeds.Rows(stage, round), rows.Count, options.RowsPerStep, firstInOrder: false);
        var loss = new SupervisedLoss();
        return TrainingLoop.RunAsync(
            services, stage, round, policy, options, options.StepCount(rows.Count),
            step => (new TrainingBatch([.. plan.RowsOf(step).Select(i => rows[i])]) { DropoutSeed = seeds.Dropout(stage, round, step) }, loss),
            cancel);
    }

    private static SupervisedRow AnswerOf(Demonstration demonstration) => new AnswerRow(demonstration.Id, demonstration.Messages, demonstration.TrainedTurns);

    private static List<T> Read<T>(string path, Func<string, DataReport, IEnumerable<T>> read, StageContext context)
    {
        var report = new DataReport();
        List<T> rows = [.. read(path, report)];
        report.ThrowIfBroken();
        Note(context, path, report.Skipped);
        return rows;
    }

    private static void Note(StageContext context, string path, IReadOnlyDictionary<string, int> dropped)
    {
        foreach ((string reason, int count) in dropped) context.Progress.Report(new RunEvent.Noted($"{path}: {count} rows left out: {reason}"));
    }

    /// <summary>Rows as tokens; those longer than the context are left out and counted.</summary>
    private static List<TokenSequence> Tokenize(IEnumerable<SupervisedRow> rows, StageContext context, string place)
    {
        List<TokenSequence> fitting = [];
        int tooLong = 0;
        foreach (TokenSequence row in rows.SelectMany(row => Tokenize(row, context.Encoder)))
        {
            if (row.Tokens.Length <= context.Encoder.ContextLength) fitting.Add(row);
            else tooLong++;
        }

        if (tooLong > 0) context.Progress.Report(new RunEvent.Noted($"{place}: {tooLong} rows left out: longer than the context of {context.Encoder.ContextLength} tokens"));
        return fitting.Count > 0
            ? fitting
            : throw new InvalidDataException($"{place}: no row to train on is left, {tooLong} being longer than the context of {context.Encoder.ContextLength} tokens; give shorter rows or a model with a longer context");
    }

    /// <summary>One sequence per answer: each is learnt after exactly the tokens that the policy will be asked with.</summary>
    private static IEnumerable<TokenSequence> Tokenize(SupervisedRow row, ConversationEncoder encoder) => row switch
    {
        AnswerRow answer => answer.TrainedTurns.Select(turn => encoder.Row([.. answer.Messages.Take(turn)], answer.Messages[turn].Content)),
        JudgementRow judgement => [encoder.Row(PairwiseJudge.Question(judgement.Template, judgement.User), judgement.Template.AssistantPrefix, judgement.Target, judgement.EndsTurn)],
        _ => throw new ArgumentException($"no way to tokenize a {row.GetType().Name}", nameof(row)),
    };
}
