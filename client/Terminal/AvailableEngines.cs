using OrleansAlign.Core.Policies;
using OrleansAlign.TorchSharp;

namespace OrleansAlign.Client.Terminal;

/// <summary>The engines that this program was built with.</summary>
internal static class AvailableEngines
{
    /// <summary>The managed engine, and TorchSharp's.</summary>
    public static EngineCatalog Catalog { get; } = new(new TorchSharpEngineFactory());
}
