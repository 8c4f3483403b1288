using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Policies;

/// <summary>Trains one policy with an engine in this process.</summary>
/// <param name="store">The policy store.</param>
/// <param name="stateFolder">Folder of the trainer's saved states, used by no other trainer; all but the latest two files are deleted.</param>
/// <param name="engines">The engines that the program offers.</param>
/// <param name="choice">The engine that trains.</param>
public sealed class EngineTrainer(IPolicyStore store, string stateFolder, EngineCatalog engines, EngineChoice choice) : ITrainer, IDisposable
{
    private IPolicyEngine? engine;
    private string tokenizerFolder = "";
    private string? latestState;

    private IPolicyEngine Engine => engine ?? throw new InvalidOperationException("the trainer has no policy yet; open one first");

    /// <inheritdoc/>
    public Task OpenAsync(string policy, CancellationToken cancel)
    {
        Replace(Checkpoint.Load(store.Folder(policy)), policy);
        latestState = null;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task OpenStateAsync(string policy, string file, CancellationToken cancel)
    {
        ModelConfig config = ModelConfigFile.Read(Path.Combine(store.Folder(policy), ModelConfigFile.FileName));
        (ModelWeights weights, OptimizerState optimizer) = TrainerState.Read(Path.Combine(stateFolder, file), config);
        Replace(weights, policy);
        Engine.ImportOptimizer(optimizer);
        latestState = file;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<StepReport> StepAsync(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel) =>
        Task.FromResult(Engine.Step(batch, objective, options, cancel));

    /// <inheritdoc/>
    public Task<string> SaveStateAsync(string name, CancellationToken cancel)
    {
        Directory.CreateDirectory(stateFolder);
        string file = TrainerState.Write(stateFolder, name, Engine.ExportWeights(), Engine.ExportOptimizer());
        DeleteAllBut(file, latestState);
        latestState = file;
        return Task.FromResult(file);
    }

    /// <inheritdoc/>
    public Task<string> PublishAsync(CancellationToken cancel) => Task.FromResult(store.Add(Engine.ExportWeights(), tokenizerFolder));

    /// <inheritdoc/>
    public void Dispose() => engine?.Dispose();

    /// <summary>
    /// Deletes old states. The file before the newest is kept, because the ledger names it until the newest is recorded: a process killed in between resumes
    /// from it.
    /// </summary>
    private void DeleteAllBut(string newest, string? before)
    {
        foreach (string path in Directory.GetFiles(stateFolder))
        {
            string name = Path.GetFileName(path);
            if (name != newest && name != before) File.Delete(path);
        }
    }

    private void Replace(ModelWeights weights, string policy)
    {
        engine?.Dispose();
        engine = engines.Create(weights, choice);
        tokenizerFolder = store.Folder(policy);
    }
}
