using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Policies;

namespace OrleansAlign.Core.Stages;

/// <summary>What a stage is prepared from. Preparation reads data only: it neither draws, judges nor trains.</summary>
/// <param name="Folder">The folder that the recipe's paths are relative to.</param>
/// <param name="Judge">The recipe's judge.</param>
/// <param name="Seeds">The run's seeds.</param>
/// <param name="Encoder">Conversations to tokens, the same for every policy of the run.</param>
public sealed record StageContext(string Folder, JudgeOptions Judge, RunSeeds Seeds, ConversationEncoder Encoder)
{
    /// <summary>The absolute form of a path in the recipe.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, Folder);
}
