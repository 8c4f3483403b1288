using OrleansAlign.Core.Policies;

namespace OrleansAlign.Client.Terminal;

/// <summary>The engines that this program was built with.</summary>
internal static class AvailableEngines
{
    /// <summary>The managed engine alone.</summary>
    public static EngineCatalog Catalog => EngineCatalog.Managed;
}
