using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;

namespace OrleansAlign.Core.Stages;

/// <summary>The stages of a recipe with their data read and checked; each is prepared when it is first asked for, or all of them at once.</summary>
public sealed class PreparedStages
{
    private readonly StageContext context;
    private readonly IStage?[] stages;
    private readonly Lock[] gates;

    /// <summary>Prepares nothing yet.</summary>
    public PreparedStages(StageContext context)
    {
        this.context = context;
        stages = new IStage?[context.Recipe.Recipe.Stages.Count];
        gates = [.. stages.Select(_ => new Lock())];
    }

    /// <summary>Checks the judge and reads all data: what is wrong with the last stage must not cost the work of the first.</summary>
    /// <param name="progress">Who is told what was left out of the data.</param>
    /// <exception cref="InvalidDataException">Something is wrong with the data.</exception>
    public void PrepareAll(IProgress<RunEvent> progress)
    {
        if (context.Recipe.Recipe.NeedsJudge) context.Recipe.Recipe.Judge.Check(context.Encoder);
        for (int stage = 0; stage < stages.Length; stage++)
        {
            foreach (string note in this[stage].Notes) progress.Report(new RunEvent.Noted(note));
        }
    }

    /// <summary>Whether a stage's data was read.</summary>
    public bool IsPrepared(int stage) => Volatile.Read(ref stages[stage]) is not null;

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

    internal IStage this[int stage]
    {
        get
        {
            if (Volatile.Read(ref stages[stage]) is { } prepared) return prepared;

            // What failed is tried again when it is next asked for: a file may have come back.
            lock (gates[stage]) return stages[stage] ??= Prepare(stage, context.Recipe.Recipe.Stages[stage]);
        }
    }

    private IStage Prepare(int stage, StageEntry entry) => entry switch
    {
        { Sft: { } sft } => SupervisedStage.Create(stage, sft, context),
        { JudgeSft: { } judgeSft } => SupervisedStage.Create(stage, judgeSft, context),
        _ => new SelfJudgeStage(stage, entry.SelfJudge!, context),
    };
}
