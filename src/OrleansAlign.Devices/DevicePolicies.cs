using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Devices;

/// <summary>The policies kept on one device: for each engine those used last, loaded from the store by hash. Used by one thread.</summary>
/// <param name="store">Where policies lie.</param>
/// <param name="engines">The engines there are.</param>
/// <param name="device">The device: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. The managed engine computes on the processor whatever it is.</param>
/// <param name="threads">Processor threads; 0 takes all cores.</param>
/// <param name="capacity">Policies kept per engine.</param>
public sealed class DevicePolicies(IPolicyStore store, EngineCatalog engines, string device, int threads, int capacity = 3) : IDisposable
{
    private readonly Dictionary<EngineKind, PolicyCache> caches = [];

    /// <summary>How an engine is to be made for this device.</summary>
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
