using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Policies;

/// <summary>Keeps the policies used last in memory; loads others from the store by hash.</summary>
/// <param name="store">The policy store.</param>
/// <param name="engines">The engines that the program offers.</param>
/// <param name="choice">The engine that policies are loaded into.</param>
/// <param name="capacity">Number of policies kept.</param>
public sealed class PolicyCache(IPolicyStore store, EngineCatalog engines, EngineChoice choice, int capacity = 3) : IDisposable
{
    private readonly LinkedList<LoadedPolicy> loaded = new();

    /// <summary>The policy of a hash. It stays loaded at least until <c>capacity</c> other policies were requested.</summary>
    /// <exception cref="InvalidDataException">The store has no policy of this hash, or the policy's weights were changed.</exception>
    public LoadedPolicy Get(string hash)
    {
        if (loaded.FirstOrDefault(p => p.Hash == hash) is { } known)
        {
            loaded.Remove(known);
            return loaded.AddFirst(known).Value;
        }

        string folder = store.Folder(hash);
        if (loaded.Count == capacity)
        {
            loaded.Last!.Value.Dispose();
            loaded.RemoveLast();
        }

        return loaded.AddFirst(Load(folder, hash)).Value;
    }

    private LoadedPolicy Load(string folder, string hash)
    {
        LoadedPolicy policy = LoadedPolicy.Load(folder, engines, choice);
        if (policy.Hash == hash) return policy;
        policy.Dispose();
        throw new InvalidDataException($"{folder}: the weights hash to {policy.Hash}, not to the folder's name; they were changed: put the old ones back");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LoadedPolicy policy in loaded) policy.Dispose();
        loaded.Clear();
    }
}
