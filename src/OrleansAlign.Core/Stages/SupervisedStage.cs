using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Supervision;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Stages;

/// <summary>Supervised fine-tuning, with or without judgements among the rows.</summary>
internal sealed class SupervisedStage : IStage
{
    private readonly int stage;
    private readonly StageOptions options;
    private readonly RunSeeds seeds;
    private readonly List<TokenSequence> rows;

    /// <summary>Tokenizes the rows to train on.</summary>
    /// <param name="stage">Stage, from 0.</param>
    /// <param name="options">The stage's options.</param>
    /// <param name="context">What stages are prepared from.</param>
    /// <param name="rows">The rows before tokenization.</param>
    /// <param name="place">Name of the rows' files in messages.</param>
    /// <param name="notes">Notes on rows left out so far; more are added here.</param>
    /// <exception cref="InvalidDataException">No row fits the model's context.</exception>
    public SupervisedStage(int stage, StageOptions options, StageContext context, IEnumerable<SupervisedRow> rows, string place, List<string> notes)
    {
        (this.stage, this.options, seeds, Notes) = (stage, options, context.Seeds, notes);
        this.rows = Tokenize(rows, context.Encoder, place, notes);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes { get; }

    /// <inheritdoc/>
    public RoundPlan? Plan(int round, RoundPolicies policies) => null;

    /// <inheritdoc/>
    public PairFeed? Feed(int round) => null;

    /// <inheritdoc/>
    public async Task<RoundRow> RunAsync(int round, string policy, string entering, HostPorts services, CancellationToken cancel)
    {
        string trained = await services.Trainer.TrainAsync(stage, round, policy, cancel).ConfigureAwait(false);
        Dictionary<string, double> metrics = RoundMetrics.OfSteps(await services.Ledger.StepsAsync(stage, round, cancel).ConfigureAwait(false));
        metrics[RoundMetrics.Rows] = rows.Count;
        return new RoundRow(stage, round, options.Kind, policy, trained, metrics);
    }

    /// <inheritdoc/>
    public Task<string> TrainAsync(int round, string policy, TrainingServices services, CancellationToken cancel)
    {
        var plan = new BatchPlan(seeds.Rows(stage, round), rows.Count, options.RowsPerStep, firstInOrder: false);
        var loss = new SupervisedLoss();
        return TrainingLoop.RunAsync(
            services, stage, round, policy, options, options.StepCount(rows.Count),
            step => Task.FromResult<(TrainingBatch, IObjective)>((BatchOf(step), loss)),
            cancel);

        TrainingBatch BatchOf(int step) => new([.. plan.RowsOf(step).Select(i => rows[i])]) { DropoutSeed = seeds.Dropout(stage, round, step) };
    }

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
            : throw new InvalidDataException(
                $"{place}: no row to train on is left, {tooLong} being longer than the context of {encoder.ContextLength} tokens; "
                + "give shorter rows or a model with a longer context");
    }

    /// <summary>One sequence per answer, so that each answer follows exactly the tokens with which the policy is later asked.</summary>
    private static IEnumerable<TokenSequence> Tokenize(SupervisedRow row, ConversationEncoder encoder) => row switch
    {
        AnswerRow answer => answer.TrainedTurns.Select(turn => Demonstration(answer, turn, encoder)),
        JudgementRow { Template: var template } judgement =>
            [encoder.Row(JudgeContext.Question(template.System, judgement.User), template.AssistantPrefix, judgement.Target, judgement.EndsTurn)],
        _ => throw new ArgumentException($"no way to tokenize a {row.GetType().Name}", nameof(row)),
    };
    private static TokenSequence Demonstration(AnswerRow row, int turn, ConversationEncoder encoder)
    {
        try
        {
            return encoder.Demonstration([.. row.Messages.Take(turn + 1)], row.Variables);
        }
        catch (Exception error) when (error is InvalidDataException or ChatTemplateException or ArgumentException)
        {
            throw new InvalidDataException($"{row.Source}: {error.Message}", error);
        }
    }
}
