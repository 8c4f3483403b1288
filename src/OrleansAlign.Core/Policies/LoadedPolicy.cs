using OrleansAlign.Core.Recipes;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;

namespace OrleansAlign.Core.Policies;

/// <summary>A policy in memory: its engine and the encoder that belongs to it.</summary>
/// <param name="Hash">Hash of its weights.</param>
/// <param name="Engine">Samples, scores, trains.</param>
/// <param name="Encoder">Conversations to tokens.</param>
public sealed record LoadedPolicy(string Hash, IPolicyEngine Engine, ConversationEncoder Encoder) : IDisposable
{
    /// <summary>Loads a model's folder.</summary>
    public static LoadedPolicy Load(string folder, EngineKind kind, int threads)
    {
        ModelWeights weights = Checkpoint.Load(folder);
        var encoder = new ConversationEncoder(folder, weights.Config);
        return new LoadedPolicy(weights.Hash(), Engines.Create(weights, kind, threads), encoder);
    }

    /// <inheritdoc/>
    public void Dispose() => Engine.Dispose();
}

/// <summary>Makes engines by the name that recipes use.</summary>
public static class Engines
{
    /// <summary>An engine over <paramref name="weights"/>.</summary>
    /// <param name="weights">The policy.</param>
    /// <param name="kind">Which engine.</param>
    /// <param name="threads">Number of threads; 0 takes all cores. The result does not depend on it.</param>
    public static IPolicyEngine Create(ModelWeights weights, EngineKind kind, int threads) => kind switch
    {
        EngineKind.Managed => new ManagedEngine(weights, threads),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such engine"),
    };
}
