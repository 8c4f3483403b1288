using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Stages;

/// <summary>The stages of a recipe with their data read and checked; each is prepared when it is first asked for, or all of them at once.</summary>
/// <param name="stages">The stages, as the recipe describes them.</param>
/// <param name="context">What stages are prepared from.</param>
public sealed class PreparedStages(IReadOnlyList<StageOptions> stages, StageContext context)
{
    private readonly IStage?[] prepared = new IStage?[stages.Count];
    private readonly Lock[] gates = [.. stages.Select(_ => new Lock())];

    /// <summary>Prepares all stages, so that a fault in the last stage's data is found before the first stage trains.</summary>
    /// <param name="progress">Takes a note for each reason why rows were left out of the data.</param>
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

    /// <summary>A stage's rows as they are trained, as far as the data alone determines them, and notes on rows left out.</summary>
    public (IEnumerable<TrainedRow> Rows, IReadOnlyList<string> Notes) Rows(int stage) => (this[stage].Rows(), this[stage].Notes);

    /// <summary>The plan of a round.</summary>
    /// <param name="stage">Stage, from 0.</param>
    /// <param name="round">Round, from 1.</param>
    /// <param name="policies">The policies that draw, judge, and anchor the loss.</param>
    /// <exception cref="ArgumentException">The stage has no rounds.</exception>
    public RoundPlan Plan(int stage, int round, RoundPolicies policies) =>
        this[stage].Plan(round, policies) ?? throw new ArgumentException($"stage {stage} has no rounds to play", nameof(stage));

    /// <summary>The pairs of a round, none of them pulled yet; null in stages without rounds.</summary>
    public PairFeed? Feed(int stage, int round) => this[stage].Feed(round);

    /// <summary>Takes the steps of a stage, or of one of its rounds, as <see cref="IRoundTrainer.TrainAsync"/> describes.</summary>
    public Task<string> TrainAsync(int stage, int round, string policy, TrainingServices services, CancellationToken cancel) =>
        this[stage].TrainAsync(round, policy, services, cancel);

    internal IStage this[int stage]
    {
        get
        {
            if (Volatile.Read(ref prepared[stage]) is { } ready) return ready;

            // A stage whose preparation failed is prepared again at the next access: a missing file may be there by then.
            lock (gates[stage]) return prepared[stage] ??= stages[stage].Prepare(stage, context);
        }
    }
}
