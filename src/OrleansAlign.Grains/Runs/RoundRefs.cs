using OrleansAlign.Core.Stages;
using OrleansAlign.Grains.Contracts;

namespace OrleansAlign.Grains.Runs;

/// <summary>From the names that travel to the things themselves.</summary>
internal static class RoundRefs
{
    /// <summary>The round that is named. Reading a stage's data takes a while; that is not done on a grain's turn.</summary>
    public static ValueTask<RoundPlan> PlanAsync(this RunContext run, RoundRef round) => run.Stages.IsPrepared(round.Stage)
        ? ValueTask.FromResult(Plan(run, round))
        : new ValueTask<RoundPlan>(Task.Run(() => Plan(run, round)));

    /// <summary>The judge of a policy of this run.</summary>
    public static JudgeSpec Judge(this RunContext run, string policy) => new(run.Engine, policy, run.Row.Recipe, run.Row.Seed);

    private static RoundPlan Plan(RunContext run, RoundRef round) => run.Stages.Plan(round.Stage, round.Round, new RoundPolicies(round.Player, round.Judge, round.Reference));
}
