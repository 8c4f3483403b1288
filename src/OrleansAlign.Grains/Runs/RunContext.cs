using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Stages;

namespace OrleansAlign.Grains.Runs;

/// <summary>What a silo knows of a run: everything that recipe, data and first policy determine, and the way to the ledger.</summary>
/// <param name="Row">The run as recorded.</param>
/// <param name="Recipe">What it does.</param>
/// <param name="Seeds">Its seeds.</param>
/// <param name="Encoder">Conversations to tokens.</param>
/// <param name="Stages">Its stages, read when first asked for.</param>
/// <param name="Ledger">Its ledger; counts what is committed through it.</param>
internal sealed record RunContext(RunRow Row, RecipeFile Recipe, RunSeeds Seeds, ConversationEncoder Encoder, PreparedStages Stages, IRunLedger Ledger)
{
    /// <summary>The judge's and generator's engine.</summary>
    public EngineKind Engine => Recipe.Recipe.Engine;
}
