using OrleansAlign.Core.Judges;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Runs;
using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Grains.Runs;

/// <summary>What a silo keeps in memory of a run: its setup and its ledger.</summary>
/// <param name="setup">Everything that recipe, data and first policy determine.</param>
/// <param name="ledger">The run's ledger; counts what is committed through it.</param>
/// <param name="metrics">Where a judge that asks no policy is counted and timed.</param>
internal sealed class RunContext(RunSetup setup, IRunLedger ledger, AlignMetrics metrics)
{
    // One for all brackets of the silo, so that equal questions meet.
    private readonly Lazy<RecordedJudge> localJudge = new(() => new RecordedJudge(new MeteredJudge(setup.Judges.Create("", NoPolicy), metrics), ledger));

    /// <summary>Everything that recipe, data and first policy determine.</summary>
    public RunSetup Setup => setup;

    /// <summary>The run's ledger; counts what is committed through it.</summary>
    public IRunLedger Ledger => ledger;

    /// <summary>The engine that the run's policies compute with.</summary>
    public EngineKind Engine => setup.Recipe.Recipe.Engine;

    /// <summary>The run's judge where it asks no policy; its answers are kept by the ledger.</summary>
    public RecordedJudge LocalJudge => localJudge.Value;

    /// <summary>The plan of a round. Reading a stage's data takes a while and runs on the thread pool, so it does not block a grain's turn.</summary>
    public ValueTask<RoundPlan> PlanAsync(RoundRef round) =>
        setup.Stages.IsPrepared(round.Stage) ? ValueTask.FromResult(Plan(round)) : new ValueTask<RoundPlan>(Task.Run(() => Plan(round)));

    private static LoadedPolicy NoPolicy(string policy) => throw new InvalidOperationException("a judge that asks no policy wanted to load one");

    private RoundPlan Plan(RoundRef round) => setup.Stages.Plan(round.Stage, round.Round, new RoundPolicies(round.Player, round.Judge, round.Reference));
}
