using OrleansAlign.Core.Ports;
using OrleansAlign.Client.Commands;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Embedded;
using OrleansAlign.Ledgers;

namespace OrleansAlign.Client.Hosts;

/// <summary>Runs in folders of this machine, worked on by this process.</summary>
/// <param name="runs">The folder of runs.</param>
/// <param name="threads">Threads to compute with; 0 takes all cores.</param>
internal sealed class FolderHost(string runs, int threads) : IRunHost
{
    /// <inheritdoc/>
    public string Name => runs;

    /// <inheritdoc/>
    public string Hint => Shared.RunsHint(runs);

    /// <inheritdoc/>
    public bool CanBranch => true;

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunsAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<string>>(EmbeddedRun.Ids(runs));

    /// <inheritdoc/>
    public Task<ILedgerReader> OpenLedgerAsync(string run, CancellationToken cancel) =>
        Task.FromResult<ILedgerReader>(SqliteLedger.OpenToRead(EmbeddedRun.LedgerPath(EmbeddedRun.FolderOf(runs, run))));

    /// <inheritdoc/>
    public Task<string> OutlookAsync(string run, CancellationToken cancel) =>
        Task.FromResult(EmbeddedRun.IsBusy(EmbeddedRun.FolderOf(runs, run)) ? "a process is working on it" : $"go on with: ./align resume {run}{Hint}");

    /// <inheritdoc/>
    public async Task<IHostedRun> BeginAsync(RecipeFile recipe, ulong seed, IProgress<RunEvent> progress, CancellationToken cancel) =>
        new FolderRun(await EmbeddedRun.CreateAsync(recipe, seed, runs, ProgramVersion.Text, cancel).ConfigureAwait(false), threads, isNew: true, Hint);

    /// <inheritdoc/>
    public async Task<IHostedRun> ResumeAsync(string run, string? data, CancellationToken cancel) => new FolderRun(
        await EmbeddedRun.OpenAsync(runs, run, data, cancel).ConfigureAwait(false), threads, isNew: false,
        data is null ? Hint : $"{Hint} --data {Shared.Quoted(data)}");

    /// <inheritdoc/>
    public async Task<IHostedRun> BranchAsync(string run, RecipeFile recipe, IProgress<RunEvent> progress, CancellationToken cancel)
    {
        (EmbeddedRun branch, string note) = await RunBranch.CreateAsync(runs, run, recipe, ProgramVersion.Text, cancel).ConfigureAwait(false);
        progress.Report(new RunEvent.Noted(note));
        return new FolderRun(branch, threads, isNew: true, Hint);
    }

    /// <inheritdoc/>
    public Task<IHostedRun> WatchAsync(string run, CancellationToken cancel) => throw OnlyOnCluster();

    /// <inheritdoc/>
    public Task<string> StopAsync(string run, bool forGood, CancellationToken cancel) => throw OnlyOnCluster();

    /// <inheritdoc/>
    public async Task<IHostedPolicy> FindPolicyAsync(string name, EngineChoice choice, CancellationToken cancel) =>
        new FolderPolicy(LoadedPolicy.Load(await PolicyFolder.FindAsync(name, runs, cancel).ConfigureAwait(false), AvailableEngines.Catalog, choice));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static BadInputException OnlyOnCluster() =>
        new("a run in a folder belongs to the process that works on it: watch it there, and end it with Ctrl-C");
}
