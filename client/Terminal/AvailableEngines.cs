using OrleansAlign.Core.Policies;
#if CLUSTER
using OrleansAlign.TorchSharp;
#endif

namespace OrleansAlign.Client.Terminal;

/// <summary>The engines that this program was built with.</summary>
internal static class AvailableEngines
{
    /// <summary>The managed engine, and TorchSharp's where the program was built with the cluster side.</summary>
#if CLUSTER
    public static EngineCatalog Catalog { get; } = new(new TorchSharpEngineFactory());
#else
    public static EngineCatalog Catalog => EngineCatalog.Managed;
#endif
}
