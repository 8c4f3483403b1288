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
    private readonly RunServices services;
    private readonly IReadOnlyList<TokenSequence> rows;

    private SupervisedStage(int stage, string kind, TrainingOptions options, RunSeeds seeds, RunServices services, IReadOnlyList<TokenSequence> rows) =>
        (this.stage, this.kind, this.options, this.seeds, this.services, this.rows) = (stage, kind, options, seeds, services, rows);

    /// <summary>Sets up plain supervised fine-tuning.</summary>
    public static SupervisedStage Create(int stage, SftOptions options, RecipeFile recipe, RunSeeds seeds, RunServices services)
    {
        IEnumerable<SupervisedRow> answers = Read(recipe.Resolve(options.Demonstrations), DataFile.Demonstrations, services).Select(AnswerOf);
        return new SupervisedStage(stage, "sft", options, seeds, services, Tokenize(answers, services, recipe.Resolve(options.Demonstrations)));
    }

    /// <summary>Sets up judge-augmented supervised fine-tuning.</summary>
    public static SupervisedStage Create(int stage, JudgeSftOptions options, RecipeFile recipe, RunSeeds seeds, RunServices services)
    {
        string demonstrations = recipe.Resolve(options.Demonstrations), preferences = recipe.Resolve(options.Preferences);
        IReadOnlyList<string> principles = recipe.Recipe.Judge.Principles is { Count: > 1 } several ? several : [];
        SupervisedSet set = JudgeSupervision.Build(
            Read(demonstrations, DataFile.Demonstrations, services),
            Read(preferences, (path, report) => DataFile.Preferences(path, report, new RatedReading { Seed = seeds.Rows(stage, 0), Principles = principles }), services),
            new JudgeSupervisionOptions { Templates = recipe.Recipe.Judge.Resolve(), Rationales = options.Rationale, Seed = seeds.Rows(stage, 0) });
        Note(services, preferences, set.Dropped);
        return new SupervisedStage(stage, "judge-sft", options, seeds, services, Tokenize(set.Rows, services, $"{demonstrations} and {preferences}"));
    }

    /// <inheritdoc/>
    public async Task<RoundRow> RunAsync(int round, string policy, string entering, CancellationToken cancel)
    {
        int total = options.StepCount(rows.Count);
        var plan = new BatchPlan(seeds.Rows(stage, round), rows.Count, options.RowsPerStep, firstInOrder: false);
        var loss = new SupervisedLoss();
        string trained = await TrainingLoop.RunAsync(
            services, stage, round, policy, options, total,
            step => (new TrainingBatch([.. plan.RowsOf(step).Select(i => rows[i])]) { DropoutSeed = seeds.Dropout(stage, round, step) }, loss),
            cancel).ConfigureAwait(false);
        Dictionary<string, double> metrics = RoundMetrics.OfSteps(await services.Ledger.StepsAsync(stage, round, cancel).ConfigureAwait(false));
        metrics[RoundMetrics.Rows] = rows.Count;
        return new RoundRow(stage, round, kind, policy, trained, metrics);
    }

    private static SupervisedRow AnswerOf(Demonstration demonstration) => new AnswerRow(demonstration.Id, demonstration.Messages, demonstration.TrainedTurns);

    private static List<T> Read<T>(string path, Func<string, DataReport, IEnumerable<T>> read, RunServices services)
    {
        var report = new DataReport();
        List<T> rows = [.. read(path, report)];
        report.ThrowIfBroken();
        Note(services, path, report.Skipped);
        return rows;
    }

    private static void Note(RunServices services, string path, IReadOnlyDictionary<string, int> dropped)
    {
        foreach ((string reason, int count) in dropped) services.Progress.Report(new RunEvent.Noted($"{path}: {count} rows left out: {reason}"));
    }

    /// <summary>Rows as tokens; those longer than the context are left out and counted.</summary>
    private static List<TokenSequence> Tokenize(IEnumerable<SupervisedRow> rows, RunServices services, string place)
    {
        List<TokenSequence> fitting = [];
        int tooLong = 0;
        foreach (TokenSequence row in rows.SelectMany(row => Tokenize(row, services.Encoder)))
        {
            if (row.Tokens.Length <= services.Encoder.ContextLength) fitting.Add(row);
            else tooLong++;
        }

        if (tooLong > 0) services.Progress.Report(new RunEvent.Noted($"{place}: {tooLong} rows left out: longer than the context of {services.Encoder.ContextLength} tokens"));
        return fitting.Count > 0
            ? fitting
            : throw new InvalidDataException($"{place}: no row to train on is left, {tooLong} being longer than the context of {services.Encoder.ContextLength} tokens; give shorter rows or a model with a longer context");
    }

    /// <summary>One sequence per answer: each is learnt after exactly the tokens that the policy will be asked with.</summary>
    private static IEnumerable<TokenSequence> Tokenize(SupervisedRow row, ConversationEncoder encoder) => row switch
    {
        AnswerRow answer => answer.TrainedTurns.Select(turn => encoder.Row([.. answer.Messages.Take(turn)], answer.Messages[turn].Content)),
        JudgementRow judgement => [encoder.Row(PairwiseJudge.Question(judgement.Template, judgement.User), judgement.Template.AssistantPrefix, judgement.Target, judgement.EndsTurn)],
        _ => throw new ArgumentException($"no way to tokenize a {row.GetType().Name}", nameof(row)),
    };
}
