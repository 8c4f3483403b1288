using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;

namespace OrleansAlign.Core.Policies;

/// <summary>The engines that a program offers; the managed one is always among them.</summary>
/// <param name="others">Factories of further engines.</param>
public sealed class EngineCatalog(params IReadOnlyList<IEngineFactory> others)
{
    private readonly IReadOnlyList<IEngineFactory> factories = [new ManagedEngineFactory(), .. others];

    /// <summary>The managed engine alone.</summary>
    public static EngineCatalog Managed { get; } = new();

    /// <summary>Why an engine cannot work in this process, with the remedy; null if it can. Hosts check it before any work starts.</summary>
    public string? Problem(EngineChoice choice) => Find(choice.Kind) is { } factory
        ? factory.Problem(choice.Device)
        : $"engine {choice.Kind.Name()} is not offered here; use engine: managed, or give a silo a device slot for it (Align:Devices=cpu, or cuda:0)";

    /// <summary>Makes an engine for a policy's weights.</summary>
    /// <exception cref="InvalidDataException">The program does not offer the engine, or the machine lacks the device.</exception>
    public IPolicyEngine Create(ModelWeights weights, EngineChoice choice) => Problem(choice) is { } problem
        ? throw new InvalidDataException(problem)
        : Find(choice.Kind)!.Create(weights, choice.Device, choice.Threads);

    private IEngineFactory? Find(EngineKind kind) => factories.FirstOrDefault(f => f.Kind == kind);

    private sealed class ManagedEngineFactory : IEngineFactory
    {
        public EngineKind Kind => EngineKind.Managed;

        public string? Problem(string device) =>
            device == "cpu" ? null : $"engine managed computes on the processor, device is {device}; use device: cpu, or engine: torchsharp";

        public IPolicyEngine Create(ModelWeights weights, string device, int threads) => new ManagedEngine(weights, threads);
    }
}
