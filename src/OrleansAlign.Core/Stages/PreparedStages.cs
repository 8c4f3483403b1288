using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Core.Stages;

/// <summary>The stages of a recipe with their data read and checked; each is prepared when it is first asked for, or all of them at once.</summary>
public sealed class PreparedStages
{
    private readonly StageContext context;
    private readonly Lazy<IStage>[] stages;

    /// <summary>Prepares nothing yet.</summary>
    public PreparedStages(StageContext context)
    {
        this.context = context;
        stages = [.. context.Recipe.Recipe.Stages.Select((entry, stage) => new Lazy<IStage>(() => Prepare(stage, entry)))];
    }

    /// <summary>Checks the judge and reads all data: what is wrong with the last stage must not cost the work of the first.</summary>
    /// <exception cref="InvalidDataException">Something is wrong with the data.</exception>
    public void PrepareAll()
    {
        if (context.Recipe.Recipe.NeedsJudge) context.Recipe.Recipe.Judge.Check(context.Encoder);
        foreach (Lazy<IStage> stage in stages) _ = stage.Value;
    }

    /// <summary>Whether a stage's data was read.</summary>
    public bool IsPrepared(int stage) => stages[stage].IsValueCreated;

    /// <summary>A round of self-judging.</summary>
    /// <param name="stage">Stage, from 0.</param>
    /// <param name="round">Round, from 1.</param>
    /// <param name="policies">Who plays, judges and anchors.</param>
    /// <exception cref="ArgumentException">The stage has no rounds.</exception>
    public RoundPlan Plan(int stage, int round, RoundPolicies policies) => this[stage].Plan(round, policies) ?? throw new ArgumentException($"stage {stage} has no rounds to play", nameof(stage));

    /// <summary>The pairs of a round, none of them pulled yet; null in stages that play none.</summary>
    public PairFeed? Feed(int stage, int round) => this[stage].Feed(round);

    /// <summary>Takes the steps of a stage, or of a round of it, as <see cref="IRoundTrainer.TrainAsync"/> says.</summary>
    public Task<string> TrainAsync(int stage, int round, string policy, TrainingServices services, CancellationToken cancel) => this[stage].TrainAsync(round, policy, services, cancel);

    internal IStage this[int stage] => stages[stage].Value;

    private IStage Prepare(int stage, StageEntry entry) => entry switch
    {
        { Sft: { } sft } => SupervisedStage.Create(stage, sft, context),
        { JudgeSft: { } judgeSft } => SupervisedStage.Create(stage, judgeSft, context),
        _ => new SelfJudgeStage(stage, entry.SelfJudge!, context),
    };
}
