using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Core.Stages;

/// <summary>What a stage is prepared from: nothing of it does any work.</summary>
/// <param name="Recipe">The recipe, whose data files can be read.</param>
/// <param name="Seeds">The run's seeds.</param>
/// <param name="Encoder">Conversations to tokens, the same for every policy of the run.</param>
public sealed record StageContext(RecipeFile Recipe, RunSeeds Seeds, ConversationEncoder Encoder);
