using OrleansAlign.Core.Policies;
#if CLUSTER
using OrleansAlign.TorchSharp;
#endif

namespace OrleansAlign.Client.Terminal;

/// <summary>The engines that this program was built with.</summary>
internal static class AvailableEngines
{
#if CLUSTER
    /// <summary>The managed engine and TorchSharp's.</summary>
    public static EngineCatalog Catalog { get; } = new(new TorchSharpEngineFactory());
#else
    /// <summary>The managed engine alone.</summary>
    public static EngineCatalog Catalog => EngineCatalog.Managed;
#endif
}
