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
/// <param name="Recipe">What it does.</param>
/// <param name="FirstPolicy">Hash of the policy that it begins with.</param>
/// <param name="Context">What its stages are prepared from.</param>
/// <param name="Stages">Its stages; each reads its data when it is first asked for.</param>
/// <param name="Judges">Makes its judge.</param>
public sealed record RunSetup(RunRow Row, RecipeFile Recipe, string FirstPolicy, StageContext Context, PreparedStages Stages, JudgeFactory Judges)
{
    /// <summary>Assembles a run whose first policy is made.</summary>
    /// <param name="row">The run as recorded.</param>
    /// <param name="recipe">What it does, its paths leading to where its data lies here.</param>
    /// <param name="firstPolicy">Hash of the policy that it begins with.</param>
    /// <param name="store">Where policies lie.</param>
    /// <exception cref="InvalidDataException">The policy is not there, or its tokenizer does not fit it.</exception>
    public static RunSetup Create(RunRow row, RecipeFile recipe, string firstPolicy, IPolicyStore store)
    {
        string folder = store.Folder(firstPolicy);
        var encoder = new ConversationEncoder(folder, ModelConfigFile.Read(Path.Combine(folder, ModelConfigFile.FileName)));
        var context = new StageContext(recipe.Folder, recipe.Recipe.Judge, new RunSeeds(row.Seed), encoder);
        return new RunSetup(row, recipe, firstPolicy, context, new PreparedStages(recipe.Recipe.Stages, context), new JudgeFactory(recipe.Recipe.Judge, row.Seed));
    }
}
