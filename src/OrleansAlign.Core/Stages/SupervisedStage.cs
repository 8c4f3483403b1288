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
    private readonly List<TrainedRow> rows;

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
        this.rows = Tokenize(rows, options, context.Encoder, place, notes);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes { get; }

    /// <inheritdoc/>
    public IEnumerable<TrainedRow> Rows() => rows;

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

        TrainingBatch BatchOf(int step) => new([.. plan.RowsOf(step).Select(i => rows[i].Tokens)]) { DropoutSeed = seeds.Dropout(stage, round, step) };
    }

    /// <summary>Rows as tokens, those that are too long as the stage's options say.</summary>
    private static List<TrainedRow> Tokenize(
        IEnumerable<SupervisedRow> rows, StageOptions options, ConversationEncoder encoder, string place, List<string> notes)
    {
        var length = new LengthRule(options.TooLong, place, "rows", encoder.ContextLength);
        List<TrainedRow> fitting = [.. rows.SelectMany(row => Tokenize(row, encoder, length))];
        length.Tell(notes);
        return fitting.Count > 0
            ? fitting
            : throw new InvalidDataException(
                $"{place}: no row to train on is left, {length.Left} being longer than the context of {encoder.ContextLength} tokens; "
                + "give shorter rows or a model with a longer context");
    }

    /// <summary>One sequence per answer, so that each answer follows exactly the tokens with which the policy is later asked.</summary>
    private static IEnumerable<TrainedRow> Tokenize(SupervisedRow row, ConversationEncoder encoder, LengthRule length)
    {
        switch (row)
        {
            case AnswerRow answer:
                foreach (int turn in answer.TrainedTurns)
                {
                    ChatMessage[] messages = [.. answer.Messages.Take(turn + 1)];
                    if (Fitting(messages, kept: 2, m => encoder.Demonstration(m, answer.Variables)) is { } sequence)
                        yield return new TrainedRow(row.Source, "answer", sequence);
                }

                break;
            case JudgementRow { Template: var template } judgement:
                IReadOnlyList<ChatMessage> question = JudgeContext.Question(template.System, judgement.User);
                if (Fitting(question, kept: question.Count, q => encoder.Row(q, template.AssistantPrefix, judgement.Target, judgement.EndsTurn)) is { } judged)
                    yield return new TrainedRow(row.Source, "judgement", judged);
                break;
            default:
                throw new ArgumentException($"no way to tokenize a {row.GetType().Name}", nameof(row));
        }

        TokenSequence? Fitting(IReadOnlyList<ChatMessage> messages, int kept, Func<IReadOnlyList<ChatMessage>, TokenSequence> encode)
        {
            TokenSequence? last = null;
            IReadOnlyList<ChatMessage>? fitting = StageData.At(
                row.Source, () => length.Fit(row.Source, messages, kept, m => (last = encode(m)).Tokens.Length, encoder.ContextLength));
            return fitting is null ? null : last;
        }
    }
}
