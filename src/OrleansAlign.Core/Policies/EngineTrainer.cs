using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Policies;

/// <summary>Trains one policy with an engine in this process.</summary>
/// <param name="store">Where policies lie.</param>
/// <param name="stateFolder">Folder of the files that training goes on from; all but the latest two are deleted.</param>
/// <param name="kind">The engine.</param>
/// <param name="threads">Its threads; 0 takes all cores.</param>
public sealed class EngineTrainer(IPolicyStore store, string stateFolder, EngineKind kind, int threads) : ITrainer, IDisposable
{
    private IPolicyEngine? engine;
    private string tokenizerFolder = "";

    private IPolicyEngine Engine => engine ?? throw new InvalidOperationException("the trainer has no policy yet; open one first");

    /// <inheritdoc/>
    public Task OpenAsync(string policy, CancellationToken cancel)
    {
        Replace(Checkpoint.Load(store.Folder(policy)), policy);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task OpenStateAsync(string policy, string file, CancellationToken cancel)
    {
        ModelConfig config = ModelConfigFile.Read(Path.Combine(store.Folder(policy), ModelConfigFile.FileName));
        (ModelWeights weights, OptimizerState optimizer) = TrainerState.Read(Path.Combine(stateFolder, file), config);
        Replace(weights, policy);
        Engine.ImportOptimizer(optimizer);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<StepReport> StepAsync(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel) =>
        Task.FromResult(Engine.Step(batch, objective, options, cancel));

    /// <inheritdoc/>
    public Task<string> SaveStateAsync(string name, CancellationToken cancel)
    {
        Directory.CreateDirectory(stateFolder);
        string file = name + ".safetensors";
        TrainerState.Write(Path.Combine(stateFolder, file), Engine.ExportWeights(), Engine.ExportOptimizer());
        return Task.FromResult(file);
    }

    /// <inheritdoc/>
    public Task<string> PublishAsync(CancellationToken cancel) => Task.FromResult(store.Add(Engine.ExportWeights(), tokenizerFolder));

    /// <inheritdoc/>
    public void Dispose() => engine?.Dispose();

    private void Replace(ModelWeights weights, string policy)
    {
        engine?.Dispose();
        engine = Engines.Create(weights, kind, threads);
        tokenizerFolder = store.Folder(policy);
    }
}
