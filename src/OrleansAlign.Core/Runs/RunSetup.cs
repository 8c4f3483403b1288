using OrleansAlign.Core.Judges;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Stages;
using OrleansAlign.Models.Checkpoints;

namespace OrleansAlign.Core.Runs;

/// <summary>A run with everything that its recipe, its data and its first policy determine; hosts add ports to it.</summary>
/// <param name="Row">The run as recorded.</param>
/// <param name="Recipe">The recipe that it executes.</param>
/// <param name="FirstPolicy">Hash of the policy that it begins with.</param>
/// <param name="Context">Folder, judge, seeds and encoder from which its stages are prepared.</param>
/// <param name="Stages">Its stages; each reads its data at the first access.</param>
/// <param name="Judges">Makes its judge.</param>
public sealed record RunSetup(RunRow Row, RecipeFile Recipe, string FirstPolicy, StageContext Context, PreparedStages Stages, JudgeFactory Judges)
{
    /// <summary>Assembles a run whose first policy was made.</summary>
    /// <param name="row">The run as recorded.</param>
    /// <param name="recipe">The recipe that it executes, with paths that are valid on this machine.</param>
    /// <param name="rounds">The rounds that ended, in order, the first policy's among them. Tokenizer and sizes are the same in all of their policies.</param>
    /// <param name="store">The policy store.</param>
    /// <exception cref="InvalidDataException">The store has none of the policies, or a policy's tokenizer does not fit its model.</exception>
    public static RunSetup Create(RunRow row, RecipeFile recipe, IReadOnlyList<RoundRow> rounds, IPolicyStore store)
    {
        string firstPolicy = rounds.First(r => r.Stage == Runs.FirstPolicy.Stage).PolicyAfter;
        string folder = store.Folder(rounds.Select(r => r.PolicyAfter).FirstOrDefault(store.Has) ?? firstPolicy);
        var encoder = new ConversationEncoder(folder, ModelConfigFile.Read(Path.Combine(folder, ModelConfigFile.FileName)))
            .With(recipe.Recipe.ChatTemplate);
        var context = new StageContext(recipe.Folder, recipe.Recipe.Judge, new RunSeeds(row.Seed), encoder);
        var stages = new PreparedStages(recipe.Recipe.Stages, context);
        return new RunSetup(row, recipe, firstPolicy, context, stages, new JudgeFactory(recipe.Recipe.Judge, row.Seed, recipe.Recipe.ChatTemplate));
    }
}
