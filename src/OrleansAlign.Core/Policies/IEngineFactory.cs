using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Policies;

/// <summary>Makes engines of one kind.</summary>
public interface IEngineFactory
{
    /// <summary>The kind, as recipes name it.</summary>
    EngineKind Kind { get; }

    /// <summary>Why no engine of this kind can work on a device of this machine, with the remedy; null if one can.</summary>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    string? Problem(string device);

    /// <summary>Makes an engine for a policy's weights.</summary>
    /// <param name="weights">The policy's weights.</param>
    /// <param name="device">Device on which it computes.</param>
    /// <param name="threads">Processor threads; 0 takes all cores.</param>
    IPolicyEngine Create(ModelWeights weights, string device, int threads);
}

/// <summary>An engine with its device and threads, as a run uses it.</summary>
/// <param name="Kind">Kind of the engine.</param>
/// <param name="Device">Device on which it computes: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Threads">Processor threads; 0 takes all cores. Results of the managed engine do not depend on it.</param>
public sealed record EngineChoice(EngineKind Kind, string Device, int Threads)
{
    /// <summary>The managed engine on the processor.</summary>
    public static EngineChoice Managed(int threads) => new(EngineKind.Managed, "cpu", threads);
}
