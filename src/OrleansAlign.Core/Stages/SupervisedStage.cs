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

    private SupervisedStage(int stage, string kind, TrainingOptions options, RunSeeds seeds, IReadOnlyList<TokenSequence> rows, IReadOnlyList<string> notes) =>
        (this.stage, this.kind, this.options, this.seeds, this.rows, Notes) = (stage, kind, options, seeds, rows, notes);

    /// <summary>Sets up plain supervised fine-tuning.</summary>
    public static SupervisedStage Create(int stage, SftOptions options, StageContext context)
    {
        List<string> notes = [];
        IEnumerable<SupervisedRow> answers = Read(context.Recipe.Resolve(options.Demonstrations), DataFile.Demonstrations, notes).Select(AnswerOf);
        return new SupervisedStage(stage, "sft", options, context.Seeds, Tokenize(answers, context.Encoder, context.Recipe.Resolve(options.Demonstrations), notes), notes);
    }

    /// <summary>Sets up judge-augmented supervised fine-tuning.</summary>
    public static SupervisedStage Create(int stage, JudgeSftOptions options, StageContext context)
    {
        (RecipeFile recipe, RunSeeds seeds) = (context.Recipe, context.Seeds);
        List<string> notes = [];
        string demonstrations = recipe.Resolve(options.Demonstrations), preferences = recipe.Resolve(options.Preferences);
        IReadOnlyList<string> principles = recipe.Recipe.Judge.Principles is { Count: > 1 } several ? several : [];
        SupervisedSet set = JudgeSupervision.Build(
            Read(demonstrations, DataFile.Demonstrations, notes),
            Read(preferences, (path, report) => DataFile.Preferences(path, report, new RatedReading { Seed = seeds.Rows(stage, 0), Principles = principles }), notes),
            new JudgeSupervisionOptions { Templates = recipe.Recipe.Judge.Resolve(), Rationales = options.Rationale, Seed = seeds.Rows(stage, 0) });
        Note(notes, preferences, set.Dropped);
        return new SupervisedStage(stage, "judge-sft", options, seeds, Tokenize(set.Rows, context.Encoder, $"{demonstrations} and {preferences}", notes), notes);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes { get; }

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
            step => Task.FromResult<(TrainingBatch, IObjective)>((new TrainingBatch([.. plan.RowsOf(step).Select(i => rows[i])]) { DropoutSeed = seeds.Dropout(stage, round, step) }, loss)),
            cancel);
    }

    private static SupervisedRow AnswerOf(Demonstration demonstration) => new AnswerRow(demonstration.Id, demonstration.Messages, demonstration.TrainedTurns);

    private static List<T> Read<T>(string path, Func<string, DataReport, IEnumerable<T>> read, List<string> notes)
    {
        var report = new DataReport();
        List<T> rows = [.. read(path, report)];
        report.ThrowIfBroken();
        Note(notes, path, report.Skipped);
        return rows;
    }

    private static void Note(List<string> notes, string path, IReadOnlyDictionary<string, int> dropped) =>
        notes.AddRange(dropped.Select(of => $"{path}: {of.Value} rows left out: {of.Key}"));

    /// <summary>Rows as tokens; those longer than the context are left out and counted.</summary>
    private static List<TokenSequence> Tokenize(IEnumerable<SupervisedRow> rows, ConversationEncoder encoder, string place, List<string> notes)
    {
        List<TokenSequence> fitting = [];
        int tooLong = 0;
        foreach (TokenSequence row in rows.SelectMany(row => Tokenize(row, encoder)))
        {
            if (row.Tokens.Length <= encoder.ContextLength) fitting.Add(row);
            else tooLong++;
        }

        if (tooLong > 0) notes.Add($"{place}: {tooLong} rows left out: longer than the context of {encoder.ContextLength} tokens");
        return fitting.Count > 0
            ? fitting
            : throw new InvalidDataException($"{place}: no row to train on is left, {tooLong} being longer than the context of {encoder.ContextLength} tokens; give shorter rows or a model with a longer context");
    }

    /// <summary>One sequence per answer: each is learnt after exactly the tokens that the policy will be asked with.</summary>
    private static IEnumerable<TokenSequence> Tokenize(SupervisedRow row, ConversationEncoder encoder) => row switch
    {
        AnswerRow answer => answer.TrainedTurns.Select(turn => encoder.Row([.. answer.Messages.Take(turn)], answer.Messages[turn].Content)),
        JudgementRow judgement => [encoder.Row(PairwiseJudge.Question(judgement.Template, judgement.User), judgement.Template.AssistantPrefix, judgement.Target, judgement.EndsTurn)],
        _ => throw new ArgumentException($"no way to tokenize a {row.GetType().Name}", nameof(row)),
    };
}
