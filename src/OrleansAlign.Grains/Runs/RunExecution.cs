using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Core.Stages;
using OrleansAlign.Grains.Contracts.Remote;
using OrleansAlign.Grains.Hosting;
using OrleansAlign.Grains.Play;
using OrleansAlign.Grains.Training;

namespace OrleansAlign.Grains.Runs;

/// <summary>Executes a run with <see cref="RunExecutor"/>, whose ports call other grains. Runs on the thread pool, never on a grain's turn.</summary>
internal sealed class RunExecution(RunContexts runs, RemotePorts ports, RemoteCalls calls, IGrainFactory grains, IPolicyStore store, GrainHostOptions options)
{
    /// <summary>Does the work that the ledger does not have yet, and returns the final policy's hash.</summary>
    public async Task<string> ExecuteAsync(string run, IProgress<RunEvent> progress, CancellationToken cancel)
    {
        IRunLedger ledger = runs.Ledger(run);
        RunRow row = await ledger.RunAsync(cancel).ConfigureAwait(false)
            ?? throw new InvalidDataException($"there is no run {run} in the ledger; start it first");
        RecipeFile recipe = runs.Recipe(row);
        RunData.ThrowIfChanged(row, recipe);
        string tokenizer = Path.Combine(options.RunFolder(run), "tokenizer");
        await FirstPolicy.EnsureAsync(ledger, store, recipe, row.Seed, tokenizer, progress, cancel).ConfigureAwait(false);
        RunContext context = await runs.GetAsync(run).ConfigureAwait(false);
        var remote = new HostPorts(
            ledger, new GrainPlayer(run, ledger, grains, calls, options.PromptsInFlight, progress), new GrainRoundTrainer(run, grains, calls, progress),
            ports.Generator(context.Engine), policy => ports.Evaluator(context, policy), progress);
        return await new RunExecutor(context.Setup, remote).ExecuteAsync(cancel).ConfigureAwait(false);
    }
}
