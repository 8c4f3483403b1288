using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Devices;

/// <summary>The policies kept on one device: for each engine the policies used last, loaded from the store by hash. Not thread-safe.</summary>
/// <param name="store">The store of policies.</param>
/// <param name="engines">The engines there are.</param>
/// <param name="device">The device: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. The managed engine always computes on the processor.</param>
/// <param name="threads">Processor threads; 0 takes all cores.</param>
/// <param name="capacity">Policies kept per engine.</param>
public sealed class DevicePolicies(IPolicyStore store, EngineCatalog engines, string device, int threads, int capacity = 3) : IDisposable
{
    private readonly Dictionary<EngineKind, PolicyCache> caches = [];

    /// <summary>The engine, device and thread count to make an engine with.</summary>
    public EngineChoice ChoiceOf(EngineKind engine) => engine == EngineKind.Managed ? EngineChoice.Managed(threads) : new EngineChoice(engine, device, threads);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PolicyCache cache in caches.Values) cache.Dispose();
        caches.Clear();
    }

    internal PolicyCache Of(EngineKind engine)
    {
        if (!caches.TryGetValue(engine, out PolicyCache? cache)) caches[engine] = cache = new PolicyCache(store, engines, ChoiceOf(engine), capacity);
        return cache;
    }
}
