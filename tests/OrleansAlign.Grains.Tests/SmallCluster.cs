using Orleans.TestingHost;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Hosting;
using OrleansAlign.Hosting.Embedded;
using OrleansAlign.Hosting.Ledger;
using OrleansAlign.Tests;

namespace OrleansAlign.Grains.Tests;

/// <summary>Silos in this process over one storage folder, ledgers in SQLite: everything but the network and the database server.</summary>
internal sealed class SmallCluster : IAsyncDisposable
{
    public const string Version = "test";

    private readonly InProcessTestCluster cluster;

    private SmallCluster(InProcessTestCluster cluster, string folder, SqliteLedgers ledgers) => (this.cluster, Folder, Ledgers) = (cluster, folder, ledgers);

    public string Folder { get; }

    public SqliteLedgers Ledgers { get; }

    public IClusterClient Client => cluster.Client;

    public InProcessTestCluster Silos => cluster;

    /// <summary>Starts silos; the first <paramref name="coordinators"/> of them have no device.</summary>
    public static async Task<SmallCluster> StartAsync(short silos = 1, int coordinators = 0, Action<ISiloBuilder>? configure = null)
    {
        string folder = Directory.CreateTempSubdirectory("align-cluster-").FullName;
        var ledgers = new SqliteLedgers(Path.Combine(folder, "ledgers"));
        var builder = new InProcessTestClusterBuilder(silos);
        int started = 0;
        builder.ConfigureSilo((options, silo) =>
        {
            int number = Interlocked.Increment(ref started);
            if (configure is null) silo.AddMemoryGrainStorage(GrainHosting.StorageName);
            else configure(silo);
            silo.AddMemoryGrainStorage("PubSubStore");
            silo.UseInMemoryReminderService();
            silo.AddAlign(
                new ClusterOptions
                {
                    SiloName = options.SiloName,
                    Version = Version,
                    Storage = folder,
                    Devices = number > coordinators ? ["cpu"] : [],
                    Threads = 1,
                    Drain = TimeSpan.FromSeconds(5),
                },
                _ => new Shared(ledgers), EngineCatalog.Managed);
        });
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        return new SmallCluster(cluster, folder, ledgers);
    }

    public IRunGrain Run(string id) => Client.GetGrain<IRunGrain>(GrainKeys.Run(id));

    public IRunLedger Ledger(string id) => Ledgers.Open(id);

    /// <summary>Lays the small recipe's data where an upload would, and hands the run in.</summary>
    public async Task<IRunGrain> SubmitAsync(string id, ulong seed = 7)
    {
        IRunGrain run = Run(id);
        await run.StartAsync(Submission(Folder, seed));
        return run;
    }

    /// <summary>The small recipe with its data uploaded.</summary>
    public static RunSubmission Submission(string storage, ulong seed)
    {
        string data = Path.Combine(storage, "source");
        Directory.CreateDirectory(data);
        SmallRecipe.Write(data);
        Directory.CreateDirectory(Path.Combine(storage, "uploads"));
        List<SubmittedFile> files = [];
        foreach (string file in Directory.GetFiles(data, "*.jsonl"))
        {
            string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));
            File.Copy(file, Path.Combine(storage, "uploads", hash), overwrite: true);
            files.Add(new SubmittedFile(Path.GetFileName(file), hash));
        }

        return new RunSubmission(SmallRecipe.Yaml, seed, files, Version);
    }

    /// <summary>Watches until the run is not running any more.</summary>
    public static async Task<RunStatus> EndAsync(IRunGrain run)
    {
        long known = 0;
        while (true)
        {
            RunNews news = await run.WatchAsync(known, TimeSpan.FromSeconds(10));
            known = news.Last;
            if (news.Status.Phase != RunPhase.Running) return news.Status;
        }
    }

    /// <summary>What the same recipe gives in one process.</summary>
    public static async Task<(string Policy, string Folder)> EmbeddedAsync(ulong seed = 7)
    {
        string folder = Directory.CreateTempSubdirectory("align-embedded-").FullName;
        SmallRecipe.Write(folder);
        RecipeFile recipe = RecipeFile.Parse(SmallRecipe.Yaml, "recipe", folder);
        await using EmbeddedRun run = await EmbeddedRun.CreateAsync(recipe, seed, Path.Combine(folder, "runs"), Version, CancellationToken.None);
        return (await run.ExecuteAsync(EngineCatalog.Managed, 1, new Silent(), CancellationToken.None), run.Folder);
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        await Ledgers.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    // A silo disposes of what it made; the files are everyone's.
    private sealed class Shared(SqliteLedgers ledgers) : IRunLedgers
    {
        public Task<IReadOnlyList<string>> RunIdsAsync(CancellationToken cancel = default) => ledgers.RunIdsAsync(cancel);

        public IRunLedger Open(string run) => ledgers.Open(run);
    }

    private sealed class Silent : IProgress<Core.Runs.RunEvent>
    {
        public void Report(Core.Runs.RunEvent value)
        {
        }
    }
}
