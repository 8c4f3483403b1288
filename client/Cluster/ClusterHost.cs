using OrleansAlign.Core.Ports;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Remote;

namespace OrleansAlign.Client.Cluster;

/// <summary>Runs on a cluster, worked on by its silos.</summary>
internal sealed class ClusterHost : IRunHost
{
    private readonly ClusterConnection connection;
    private readonly ClusterCalls calls;
    private readonly ClusterAccess access;
    private readonly SlotDirectory slots;

    private ClusterHost(ClusterConnection connection, ClusterAccess access)
    {
        (this.connection, this.access) = (connection, access);
        calls = new ClusterCalls(connection.Grains, TimeProvider.System);
        slots = new SlotDirectory(connection.Grains, TimeProvider.System);
    }

    /// <inheritdoc/>
    public string Name => $"the cluster at {access.Addresses}";

    /// <inheritdoc/>
    public string Hint => access.Hint;

    /// <inheritdoc/>
    public bool CanBranch => false;

    private IClusterGrain Cluster => connection.Grains.GetGrain<IClusterGrain>(GrainKeys.Cluster);

    /// <summary>Connects to a cluster.</summary>
    public static async Task<IRunHost> ConnectAsync(ClusterAccess access, CancellationToken cancel) =>
        new ClusterHost(await ClusterConnection.OpenAsync(access, TimeProvider.System, cancel).ConfigureAwait(false), access);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunsAsync(CancellationToken cancel) => calls.AskAsync("cluster.runs", Cluster.RunsAsync, cancel);

    /// <inheritdoc/>
    public async Task<ILedgerReader> OpenLedgerAsync(string run, CancellationToken cancel)
    {
        IReadOnlyList<string> known = await RunsAsync(cancel).ConfigureAwait(false);
        return known.Contains(run)
            ? calls.Ledger(run)
            : throw new InvalidDataException(
                $"{Name}: there is no run {run}; {(known.Count == 0 ? "no run was started there" : $"there are {string.Join(", ", known)}")}");
    }

    /// <inheritdoc/>
    public async Task<string> OutlookAsync(string run, CancellationToken cancel) =>
        ClusterRun.Standing(run, await calls.AskAsync("run.status", Run(run).StatusAsync, cancel).ConfigureAwait(false), Hint);

    /// <inheritdoc/>
    public async Task<IHostedRun> BeginAsync(RecipeFile recipe, ulong seed, IProgress<RunEvent> progress, CancellationToken cancel)
    {
        var upload = new DataUpload(connection.Grains, calls);
        IReadOnlyList<SubmittedFile> files = await upload.SendAsync(RunFiles.Of(recipe), progress, cancel).ConfigureAwait(false);
        string run = await calls.AskAsync("cluster.name-run", () => Cluster.NameRunAsync(recipe.Recipe.Name, seed), cancel).ConfigureAwait(false);
        var submission = new RunSubmission(recipe.Text, seed, files, ProgramVersion.Text, recipe.Source);
        await calls.AskAsync("run.start", () => Run(run).StartAsync(submission), cancel).ConfigureAwait(false);
        return await WatchAsync(run, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IHostedRun> ResumeAsync(string run, string? data, CancellationToken cancel)
    {
        IHostedRun watched = await WatchAsync(run, cancel).ConfigureAwait(false);
        await calls.AskAsync("run.resume", Run(run).ResumeAsync, cancel).ConfigureAwait(false);
        return watched;
    }

    /// <inheritdoc/>
    public Task<IHostedRun> BranchAsync(string run, RecipeFile recipe, IProgress<RunEvent> progress, CancellationToken cancel) =>
        throw new BadInputException("a cluster's run goes on with its own recipe only; start a new run with: ./align run FILE" + Hint);

    /// <inheritdoc/>
    public async Task<IHostedRun> WatchAsync(string run, CancellationToken cancel)
    {
        ILedgerReader ledger = await OpenLedgerAsync(run, cancel).ConfigureAwait(false);
        RunRow row = await ledger.RunAsync(cancel).ConfigureAwait(false)
            ?? throw new InvalidDataException($"{Name}: the run {run} is not recorded yet; try again in a moment");
        return new ClusterRun(row, ledger, Run(run), calls, Name, Hint);
    }

    /// <inheritdoc/>
    public async Task<string> StopAsync(string run, bool forGood, CancellationToken cancel)
    {
        await using ILedgerReader known = await OpenLedgerAsync(run, cancel).ConfigureAwait(false);
        if (forGood) await calls.AskAsync("run.cancel", Run(run).CancelAsync, cancel).ConfigureAwait(false);
        else await calls.AskAsync("run.pause", Run(run).PauseAsync, cancel).ConfigureAwait(false);
        return await OutlookAsync(run, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IHostedPolicy> FindPolicyAsync(string name, EngineChoice choice, CancellationToken cancel)
    {
        string hash = await calls.AskAsync("cluster.find-policy", () => Cluster.FindPolicyAsync(name), cancel).ConfigureAwait(false);
        return new ClusterPolicy(connection.Grains, slots, calls, choice.Kind, hash);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private IRunGrain Run(string run) => connection.Grains.GetGrain<IRunGrain>(GrainKeys.Run(run));
}
