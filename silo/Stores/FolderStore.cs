using System.Net;
using Microsoft.Data.Sqlite;
using Orleans.Storage;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Grains.Hosting;
using OrleansAlign.Ledgers;
using OrleansAlign.Silo.Options;

namespace OrleansAlign.Silo.Stores;

/// <summary>The storage folder itself, for a cluster of one silo: a SQLite file per run's ledger, and one for grain state and reminders.</summary>
/// <remarks>A lock keeps a second silo out.</remarks>
internal sealed class FolderStore : ClusterStore
{
    private const string LockName = ".silo-lock", StateName = "grains.db";

    private readonly FileStream held;
    private readonly FolderState state;
    private readonly SqliteLedgers ledgers;

    private FolderStore(FileStream held, FolderState state, SqliteLedgers ledgers) => (this.held, this.state, this.ledgers) = (held, state, ledgers);

    /// <inheritdoc/>
    public override IRunLedgers Ledgers => ledgers;

    /// <summary>Whether a cluster of one silo keeps its state in the folder.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, StateName));

    /// <summary>Takes the lock and opens the files, which are made where they are missing.</summary>
    /// <exception cref="InvalidDataException">Another silo has the folder, or its file of grain state cannot be read.</exception>
    public static FolderStore Open(SiloSettings settings)
    {
        string folder = Path.GetFullPath(settings.Storage);
        FileStream held;
        try
        {
            // The operating system releases the lock when the process ends, also when it is killed.
            held = new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new InvalidDataException(
                $"{SiloKeys.Storage} is {settings.Storage}, where a silo is running already; "
                    + $"a second silo needs PostgreSQL: start every silo with {SiloKeys.PostgresExample}");
        }

        string file = Path.Combine(folder, StateName);
        try
        {
            return new FolderStore(held, FolderState.Open(file), new SqliteLedgers(Path.Combine(folder, "ledgers")));
        }
        catch (SqliteException error)
        {
            held.Dispose();
            throw new InvalidDataException(
                $"{SiloKeys.Storage} is {settings.Storage}, whose {StateName} cannot be used: {error.Message}; restore it from a copy, or name another folder",
                error);
        }
    }

    /// <inheritdoc/>
    public override void AddTo(ISiloBuilder silo, SiloSettings settings)
    {
        silo.UseDevelopmentClustering(new IPEndPoint(settings.Advertise, settings.SiloPort));
        silo.AddReminders();
        silo.Services.AddSingleton<IReminderTable>(state);
        silo.Services.AddKeyedSingleton<IGrainStorage>(GrainHosting.StorageName, state);
    }

    /// <inheritdoc/>
    public override Task<string?> ProblemAsync(CancellationToken cancel) => Task.Run(state.Problem, cancel);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await ledgers.DisposeAsync().ConfigureAwait(false);
        state.Dispose();
        await held.DisposeAsync().ConfigureAwait(false);
    }
}
