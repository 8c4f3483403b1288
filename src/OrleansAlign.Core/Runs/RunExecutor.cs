using OrleansAlign.Core.Evaluation;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Stages;

namespace OrleansAlign.Core.Runs;

/// <summary>Executes a recipe's stages in order; who does the work is the ports' affair. What the ledger has is not done again.</summary>
/// <param name="recipe">What to do.</param>
/// <param name="seeds">The run's seeds.</param>
/// <param name="stages">The recipe's stages.</param>
/// <param name="services">The ports.</param>
public sealed class RunExecutor(RecipeFile recipe, RunSeeds seeds, PreparedStages stages, RunServices services)
{
    /// <summary>Runs what is still missing.</summary>
    /// <param name="policy">Hash of the policy to begin with.</param>
    /// <param name="cancel">Ends the run at the next safe place; it can be resumed.</param>
    /// <returns>Hash of the final policy.</returns>
    public async Task<string> ExecuteAsync(string policy, CancellationToken cancel)
    {
        Dictionary<(int Stage, int Round), RoundRow> ended = (await services.Ledger.RoundsAsync(cancel).ConfigureAwait(false)).ToDictionary(r => (r.Stage, r.Round));
        PolicyEvaluator? evaluator = PolicyEvaluator.Create(recipe, seeds, services);
        stages.PrepareAll(services.Progress);
        for (int stage = 0; stage < recipe.Recipe.Stages.Count; stage++)
        {
            StageEntry entry = recipe.Recipe.Stages[stage];
            int rounds = entry.SelfJudge?.Rounds ?? 0;
            string entering = policy;
            for (int round = rounds == 0 ? 0 : 1; round <= rounds; round++)
            {
                services.Progress.Report(new RunEvent.Began(stage, entry.Kind, round, rounds));
                if (!ended.TryGetValue((stage, round), out RoundRow? row))
                {
                    row = await stages[stage].RunAsync(round, policy, entering, services, cancel).ConfigureAwait(false);
                    await services.Ledger.AddRoundAsync(row, cancel).ConfigureAwait(false);
                }

                policy = row.PolicyAfter;
                EvaluationRow? evaluation = evaluator is null ? null : await evaluator.EvaluateAsync(policy, cancel).ConfigureAwait(false);
                services.Progress.Report(new RunEvent.Ended(row, evaluation));
            }
        }

        return policy;
    }
}
