using System.Runtime.Intrinsics;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines.Shared;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>The engine in pure C#: float32 on the processor's widest vectors, deterministic to the bit.</summary>
/// <remarks>
/// A sequence's numbers depend neither on its neighbours, nor on batch sizes, threads or vector width (AVX-512, AVX2, NEON), and the log-prob that
/// sampling records is the one that scoring and training use. Every output element is one chain of fused multiply-adds in ascending order;
/// sums along rows run in sixteen virtual lanes; exp, log, sine and cosine are the project's own.
/// </remarks>
public sealed class ManagedEngine : IPolicyEngine
{
    private readonly IPolicyEngine engine;
    private readonly CallGuard guard;

    /// <summary>Copies the weights into the engine's own memory.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="threads">Threads to use; 0: one per processor.</param>
    /// <param name="options">Bounds on memory.</param>
    /// <exception cref="ArgumentException">The number of threads is negative, or heads do not fit together.</exception>
    public ManagedEngine(ModelWeights weights, int threads = 0, ManagedEngineOptions? options = null)
        : this(weights, threads, options ?? new ManagedEngineOptions(), VectorBits)
    {
    }

    internal ManagedEngine(ModelWeights weights, int threads, ManagedEngineOptions options, int vectorBits)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        RequestChecks.Model(weights.Config);
        guard = new CallGuard(this);
        engine = vectorBits switch
        {
            512 => new Engine<Simd512>(weights, threads, options),
            256 => new Engine<Simd256>(weights, threads, options),
            _ => new Engine<Simd128>(weights, threads, options),
        };
    }

    /// <summary>Bits of the vectors that are used on this processor: 512, 256 or 128.</summary>
    public static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <inheritdoc/>
    public ModelConfig Config => engine.Config;

    /// <inheritdoc/>
    public IReadOnlyList<Sample> Sample(IReadOnlyList<SampleRequest> requests, CancellationToken cancel = default) =>
        guard.Run(() => engine.Sample(requests, cancel));

    /// <inheritdoc/>
    public IReadOnlyList<float[]> LogProbs(IReadOnlyList<TokenSequence> sequences, CancellationToken cancel = default) =>
        guard.Run(() => engine.LogProbs(sequences, cancel));

    /// <inheritdoc/>
    public IReadOnlyList<ChoiceLogits> ChoiceLogits(IReadOnlyList<int[]> prompts, IReadOnlyList<int> choices, CancellationToken cancel = default) =>
        guard.Run(() => engine.ChoiceLogits(prompts, choices, cancel));

    /// <inheritdoc/>
    public StepReport Step(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel = default) =>
        guard.Run(() => engine.Step(batch, objective, options, cancel));

    /// <inheritdoc/>
    public ModelWeights ExportWeights() => guard.Run(engine.ExportWeights);

    /// <inheritdoc/>
    public OptimizerState ExportOptimizer() => guard.Run(engine.ExportOptimizer);

    /// <inheritdoc/>
    public void ImportOptimizer(OptimizerState state) => guard.Run(() => engine.ImportOptimizer(state));

    /// <inheritdoc/>
    public void ResetOptimizer() => guard.Run(engine.ResetOptimizer);

    /// <summary>Frees the weights and ends the threads. A second call does nothing.</summary>
    /// <exception cref="InvalidOperationException">A call is still running and uses the memory.</exception>
    public void Dispose() => guard.Close(engine.Dispose);
}
