using System.Runtime.InteropServices;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Shared;
using OrleansAlign.Models.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>The engine on libtorch: CUDA GPUs, or the processor.</summary>
/// <remarks>
/// Sequences are packed into rows without padding, except for attention among sequences of unlike lengths. Unlike on the managed engine, a sequence's
/// numbers may differ in their last bits with its neighbours in the call, and so may a sampled token's log-prob from its scored one; prefixes that
/// only a part of the prompts share are computed for each. Draws follow the managed engine's rules and uniform numbers.
/// </remarks>
public sealed class TorchSharpEngine : IPolicyEngine
{
    private readonly ParameterSet parameters;
    private readonly RotaryTensors rotary;
    private readonly Sampler sampler;
    private readonly Scorer scorer;
    private readonly Trainer trainer;
    private readonly int threads;
    private readonly CallGuard guard;

    /// <summary>Copies the weights onto a device.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="threads">Processor threads to use; 0: one per processor.</param>
    /// <param name="options">Precision and bounds on memory; null: the defaults.</param>
    /// <exception cref="ArgumentException">The device's name, the number of threads or an option is wrong, or heads do not fit together.</exception>
    /// <exception cref="NotSupportedException">There is no such device, or libtorch is missing.</exception>
    /// <exception cref="InvalidOperationException">The weights do not fit into the device's memory; other calls throw it too if memory runs out.</exception>
    public TorchSharpEngine(ModelWeights weights, string device = "cpu", int threads = 0, TorchSharpEngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ModelConfig config = weights.Config;
        RequestChecks.Model(config);
        if (EngineDevice.Parse(device) is not { } place) throw new ArgumentException(EngineDevice.NameProblem(device), nameof(device));
        if (EngineDevice.Problem(device) is { } problem) throw new NotSupportedException(problem);
        guard = new CallGuard(this);
        this.threads = threads == 0 ? Environment.ProcessorCount : threads;
        set_num_threads(this.threads);
        using DisposeScope scope = NewDisposeScope();
        var at = new Device(place.Type, place.Index);
        var settings = new EngineSettings(options ?? new TorchSharpEngineOptions(), at, config);
        try
        {
            parameters = new ParameterSet(weights, at, settings.Type);
        }
        catch (ExternalException e) when (DeviceMemory.IsExhausted(e))
        {
            throw DeviceMemory.Exhausted(e, at);
        }

        rotary = new RotaryTensors(parameters);
        var transformer = new Transformer(parameters);
        var head = new VocabularyHead(parameters, settings);
        sampler = new Sampler(parameters, settings, transformer, rotary, head);
        scorer = new Scorer(parameters, settings, transformer, rotary, head);
        trainer = new Trainer(parameters, settings, transformer, rotary, head);
    }

    /// <inheritdoc/>
    public ModelConfig Config => parameters.Config;

    /// <inheritdoc/>
    public IReadOnlyList<Sample> Sample(IReadOnlyList<SampleRequest> requests, CancellationToken cancel = default) => Call(() =>
    {
        RequestChecks.Requests(requests, Config);
        return sampler.Sample(requests, cancel);
    });

    /// <inheritdoc/>
    public IReadOnlyList<float[]> LogProbs(IReadOnlyList<TokenSequence> sequences, CancellationToken cancel = default) => Call(() =>
    {
        RequestChecks.Sequences(sequences, Config);
        return scorer.LogProbs(sequences, cancel);
    });

    /// <inheritdoc/>
    public IReadOnlyList<ChoiceLogits> ChoiceLogits(IReadOnlyList<int[]> prompts, IReadOnlyList<int> choices, CancellationToken cancel = default) => Call(() =>
    {
        RequestChecks.Prompts(prompts, Config);
        RequestChecks.Choices(choices, Config);
        return scorer.Choices(prompts, choices, cancel);
    });

    /// <inheritdoc/>
    /// <exception cref="ArithmeticException">The loss or a gradient is not finite; the weights are unchanged.</exception>
    public StepReport Step(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel = default) => Call(() =>
    {
        RequestChecks.Sequences(batch.Sequences, Config);
        RequestChecks.Step(options);
        return trainer.Step(batch, objective, options, cancel);
    });

    /// <inheritdoc/>
    public ModelWeights ExportWeights() => Call(() => new ModelWeights(Config, parameters.Export(t => t.Master)));

    /// <inheritdoc/>
    public OptimizerState ExportOptimizer() => Call(trainer.Export);

    /// <inheritdoc/>
    public void ImportOptimizer(OptimizerState state) => Call(() => trainer.Import(state));

    /// <inheritdoc/>
    public void ResetOptimizer() => Call(trainer.Reset);

    /// <summary>Frees the device's memory. A second call does nothing.</summary>
    /// <exception cref="InvalidOperationException">A call is still running and uses the memory.</exception>
    public void Dispose() => guard.Close(() =>
    {
        rotary.Dispose();
        parameters.Dispose();
    });

    private void Call(Action body) => Call(() =>
    {
        body();
        return true;
    });

    private T Call<T>(Func<T> body) => guard.Run(() =>
    {
        // The scope disposes all tensors that a call leaves behind, also if it ends by an exception.
        using DisposeScope scope = NewDisposeScope();

        // OpenMP counts threads per calling thread, and another engine may have set another number.
        if (get_num_threads() != threads) set_num_threads(threads);
        if (trainer.EndedHalfway)
        {
            throw new InvalidOperationException("a step failed while it moved this engine's weights; make a new engine from the last policy");
        }

        try
        {
            return body();
        }
        catch (ExternalException e) when (DeviceMemory.IsExhausted(e))
        {
            throw DeviceMemory.Exhausted(e, parameters.Device);
        }
    });
}
