using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Core.Runs;

/// <summary>Ensures that a run is resumed only on the data that it began with.</summary>
public static class RunData
{
    /// <summary>Checks that no data file changed since the run was recorded.</summary>
    /// <exception cref="InvalidDataException">A data file changed.</exception>
    public static void ThrowIfChanged(RunRow run, RecipeFile recipe)
    {
        if (recipe.DataHash() != run.DataHash)
        {
            throw new InvalidDataException(
                $"{run.RunId}: a data file of the recipe changed since the run began; put the old one back in {recipe.Folder}, or start a new run");
        }
    }
}
