using OrleansAlign.Core.Evaluation;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Stages;

namespace OrleansAlign.Core.Runs;

/// <summary>Executes a recipe's stages in order, in one process. What the ledger has is not done again.</summary>
public sealed class RunExecutor(RecipeFile recipe, ulong seed, RunServices services)
{
    /// <summary>Runs what is still missing.</summary>
    /// <param name="policy">Hash of the policy to begin with.</param>
    /// <param name="cancel">Ends the run at the next safe place; it can be resumed.</param>
    /// <returns>Hash of the final policy.</returns>
    public async Task<string> ExecuteAsync(string policy, CancellationToken cancel)
    {
        Dictionary<(int Stage, int Round), RoundRow> ended = (await services.Ledger.RoundsAsync(cancel).ConfigureAwait(false)).ToDictionary(r => (r.Stage, r.Round));
        var seeds = new RunSeeds(seed);
        PolicyEvaluator? evaluator = PolicyEvaluator.Create(recipe, seeds, services);

        // The judge is checked and all data is read before anything is trained: what is wrong with the last stage must not cost the work of the first.
        if (recipe.Recipe.NeedsJudge) recipe.Recipe.Judge.Check(services.Encoder);
        IStage[] stages = [.. recipe.Recipe.Stages.Select((entry, stage) => Prepare(stage, entry, seeds))];
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
                    row = await stages[stage].RunAsync(round, policy, entering, cancel).ConfigureAwait(false);
                    await services.Ledger.AddRoundAsync(row, cancel).ConfigureAwait(false);
                }

                policy = row.PolicyAfter;
                EvaluationRow? evaluation = evaluator is null ? null : await evaluator.EvaluateAsync(policy, cancel).ConfigureAwait(false);
                services.Progress.Report(new RunEvent.Ended(row, evaluation));
            }
        }

        return policy;
    }

    private IStage Prepare(int stage, StageEntry entry, RunSeeds seeds) => entry switch
    {
        { Sft: { } sft } => SupervisedStage.Create(stage, sft, recipe, seeds, services),
        { JudgeSft: { } judgeSft } => SupervisedStage.Create(stage, judgeSft, recipe, seeds, services),
        _ => new SelfJudgeStage(stage, entry.SelfJudge!, recipe, seeds, services),
    };
}
