using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Policies;

/// <summary>A policy in memory: its engine and the encoder that belongs to it.</summary>
/// <param name="Hash">Hash of its weights.</param>
/// <param name="Engine">The engine that holds its weights.</param>
/// <param name="Encoder">Conversations to tokens.</param>
public sealed record LoadedPolicy(string Hash, IPolicyEngine Engine, ConversationEncoder Encoder) : IDisposable
{
    /// <summary>Loads a model's folder.</summary>
    public static LoadedPolicy Load(string folder, EngineCatalog engines, EngineChoice choice)
    {
        ModelWeights weights = Checkpoint.Load(folder);
        var encoder = new ConversationEncoder(folder, weights.Config);
        return new LoadedPolicy(weights.Hash(), engines.Create(weights, choice), encoder);
    }

    /// <inheritdoc/>
    public void Dispose() => Engine.Dispose();
}
