using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Stages;

/// <summary>The stages of a recipe with their data read and checked; each is prepared when it is first asked for, or all of them at once.</summary>
/// <param name="stages">The stages, as the recipe describes them.</param>
/// <param name="context">What they are prepared from.</param>
public sealed class PreparedStages(IReadOnlyList<StageOptions> stages, StageContext context)
{
    private readonly IStage?[] prepared = new IStage?[stages.Count];
    private readonly Lock[] gates = [.. stages.Select(_ => new Lock())];

    /// <summary>Reads all data: a fault in the last stage's data must not cost the work of the first.</summary>
    /// <param name="progress">Who is told what was left out of the data.</param>
    /// <exception cref="InvalidDataException">Something is wrong with the data.</exception>
    public void PrepareAll(IProgress<RunEvent> progress)
    {
        for (int stage = 0; stage < stages.Count; stage++)
        {
            foreach (string note in this[stage].Notes) progress.Report(new RunEvent.Noted(note));
        }
    }

    /// <summary>Whether a stage's data was read.</summary>
    public bool IsPrepared(int stage) => Volatile.Read(ref prepared[stage]) is not null;

    /// <summary>A round as it is played.</summary>
    /// <param name="stage">Stage, from 0.</param>
    /// <param name="round">Round, from 1.</param>
    /// <param name="policies">Who plays, judges and anchors.</param>
    /// <exception cref="ArgumentException">The stage has no rounds.</exception>
    public RoundPlan Plan(int stage, int round, RoundPolicies policies) =>
        this[stage].Plan(round, policies) ?? throw new ArgumentException($"stage {stage} has no rounds to play", nameof(stage));

    /// <summary>The pairs of a round, none of them pulled yet; null in stages that play none.</summary>
    public PairFeed? Feed(int stage, int round) => this[stage].Feed(round);

    /// <summary>Takes the steps of a stage, or of a round of it, as <see cref="IRoundTrainer.TrainAsync"/> says.</summary>
    public Task<string> TrainAsync(int stage, int round, string policy, TrainingServices services, CancellationToken cancel) =>
        this[stage].TrainAsync(round, policy, services, cancel);

    internal IStage this[int stage]
    {
        get
        {
            if (Volatile.Read(ref prepared[stage]) is { } ready) return ready;

            // A stage that could not be prepared is tried again when it is next asked for: a file may have come back.
            lock (gates[stage]) return prepared[stage] ??= stages[stage].Prepare(stage, context);
        }
    }
}
