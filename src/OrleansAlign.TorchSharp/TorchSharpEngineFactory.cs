using OrleansAlign.Core.Policies;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.TorchSharp;

/// <summary>Makes <see cref="TorchSharpEngine"/>s, for recipes with <c>engine: torchsharp</c>.</summary>
public sealed class TorchSharpEngineFactory : IEngineFactory
{
    /// <inheritdoc/>
    public EngineKind Kind => EngineKind.Torchsharp;

    /// <inheritdoc/>
    public string? Problem(string device) => EngineDevice.Problem(device);

    /// <inheritdoc/>
    public IPolicyEngine Create(ModelWeights weights, string device, int threads) => new TorchSharpEngine(weights, device, threads);
}
