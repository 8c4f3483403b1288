using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Wire;
using OrleansAlign.Grains.Hosting;
using OrleansAlign.Ledgers;
using OrleansAlign.Tests;

namespace OrleansAlign.Grains.Tests;

/// <summary>Silos in this process over one storage folder, ledgers in SQLite: everything but the network and the database server.</summary>
internal sealed class SmallCluster : IAsyncDisposable
{
    public const string Version = "test";

    private readonly InProcessTestCluster cluster;
    private readonly bool ownsFolder;

    private SmallCluster(InProcessTestCluster cluster, string folder, bool ownsFolder, SqliteLedgers ledgers, AlignMetrics metrics) =>
        (this.cluster, Folder, this.ownsFolder, Ledgers, Metrics) = (cluster, folder, ownsFolder, ledgers, metrics);

    public string Folder { get; }

    public SqliteLedgers Ledgers { get; }

    /// <summary>The instruments of all silos.</summary>
    public AlignMetrics Metrics { get; }

    public IClusterClient Client => cluster.Client;

    /// <summary>Starts silos; the first <paramref name="coordinators"/> have no device. A given folder may have the files of an earlier cluster.</summary>
    public static async Task<SmallCluster> StartAsync(
        short silos = 1, int coordinators = 0, Action<ISiloBuilder>? configure = null, string? over = null, IRunLedgers? ledgersOf = null,
        EngineCatalog? engines = null, int queueCapacity = 256)
    {
        string folder = over ?? Directory.CreateTempSubdirectory("align-cluster-").FullName;
        var metrics = new AlignMetrics(TimeProvider.System);
        var ledgers = new SqliteLedgers(Path.Combine(folder, "ledgers"));
        var builder = new InProcessTestClusterBuilder(silos);
        int started = 0;
        builder.ConfigureSilo((options, silo) =>
        {
            int number = Interlocked.Increment(ref started);
            if (configure is null) silo.AddMemoryGrainStorage(GrainHosting.StorageName);
            else configure(silo);
            silo.UseInMemoryReminderService();
            silo.Services.AddSingleton(TimeProvider.System);
            silo.Services.AddSingleton(metrics);
            silo.AddAlign(
                new GrainHostOptions
                {
                    SiloName = options.SiloName,
                    Version = Version,
                    Storage = folder,
                    Devices = number > coordinators ? ["cpu"] : [],
                    Threads = 1,
                    QueueCapacity = queueCapacity,
                    Drain = TimeSpan.FromSeconds(5),
                },
                _ => new Shared(ledgersOf ?? ledgers), engines ?? EngineCatalog.Managed);
        });
        builder.ConfigureClient(client => client.Services.AddDomainJson());
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        return new SmallCluster(cluster, folder, over is null, ledgers, metrics);
    }

    public IRunGrain Run(string id) => Client.GetGrain<IRunGrain>(GrainKeys.Run(id));

    public IRunLedger Ledger(string id) => Ledgers.Open(id);

    /// <summary>Puts the small recipe's data into the upload folder, and submits the run.</summary>
    public async Task<IRunGrain> SubmitAsync(string id, ulong seed = 7)
    {
        IRunGrain run = Run(id);
        await run.StartAsync(Submission(seed));
        return run;
    }

    /// <summary>The small recipe with its data uploaded.</summary>
    public RunSubmission Submission(ulong seed = 7) => SmallSubmission.Lay(Folder, seed, Version);

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        await Ledgers.DisposeAsync();
        Metrics.Dispose();
        if (ownsFolder) Directory.Delete(Folder, recursive: true);
    }

    // A silo disposes of the services that it made; all silos share these ledgers.
    private sealed class Shared(IRunLedgers ledgers) : IRunLedgers
    {
        public Task<IReadOnlyList<string>> RunIdsAsync(CancellationToken cancel = default) => ledgers.RunIdsAsync(cancel);

        public IRunLedger Open(string run) => ledgers.Open(run);
    }
}
