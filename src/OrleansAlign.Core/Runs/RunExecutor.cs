using OrleansAlign.Core.Evaluation;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Stages;

namespace OrleansAlign.Core.Runs;

/// <summary>Executes a recipe's stages in order, through the host's ports. Work whose rows are in the ledger is not repeated.</summary>
/// <param name="run">The run.</param>
/// <param name="ports">The ports.</param>
public sealed class RunExecutor(RunSetup run, HostPorts ports)
{
    /// <summary>Executes the rounds that the ledger does not have yet.</summary>
    /// <param name="cancel">Ends the run at the next safe place; it can be resumed.</param>
    /// <returns>Hash of the final policy.</returns>
    public async Task<string> ExecuteAsync(CancellationToken cancel)
    {
        string policy = run.FirstPolicy;
        IReadOnlyList<RoundRow> rounds = await ports.Ledger.RoundsAsync(cancel).ConfigureAwait(false);
        Dictionary<(int Stage, int Round), RoundRow> ended = rounds.ToDictionary(r => (r.Stage, r.Round));
        PolicyEvaluator? evaluator = run.Recipe.Recipe.Evaluation is { } evaluation ? new PolicyEvaluator(evaluation, run.Context, ports) : null;
        if (run.Recipe.Recipe.NeedsJudge) run.Judges.Check(run.Context.Encoder);
        foreach (string note in run.Context.Encoder.Notes) ports.Progress.Report(new RunEvent.Noted(note));
        run.Stages.PrepareAll(ports.Progress);
        for (int stage = 0; stage < run.Recipe.Recipe.Stages.Count; stage++)
        {
            StageOptions options = run.Recipe.Recipe.Stages[stage];
            string entering = policy;
            foreach (int round in options.RoundNumbers)
            {
                ports.Progress.Report(new RunEvent.Began(stage, options.Kind, round, options.RoundCount));
                if (!ended.TryGetValue((stage, round), out RoundRow? row))
                {
                    row = await run.Stages[stage].RunAsync(round, policy, entering, ports, cancel).ConfigureAwait(false);
                    await ports.Ledger.AddRoundAsync(row, cancel).ConfigureAwait(false);
                }

                policy = row.PolicyAfter;
                EvaluationRow? measured = evaluator is null ? null : await evaluator.EvaluateAsync(policy, cancel).ConfigureAwait(false);
                ports.Progress.Report(new RunEvent.Ended(row, measured));
            }
        }

        return policy;
    }
}
