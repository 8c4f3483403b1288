using OrleansAlign.Core.Ledger;
using OrleansAlign.Silo.Options;

namespace OrleansAlign.Silo.Stores;

/// <summary>Where a cluster keeps what outlives its silos, besides the files in its storage folder: ledgers, grain state, reminders.</summary>
/// <remarks>Open from the start checks to the silo's end.</remarks>
internal abstract class ClusterStore : IAsyncDisposable
{
    /// <summary>The ledgers of all runs.</summary>
    public abstract IRunLedgers Ledgers { get; }

    /// <summary>Opens the store that the settings name.</summary>
    /// <exception cref="InvalidDataException">The store cannot be used; the message says which setting is concerned, why, and what to do.</exception>
    public static async Task<ClusterStore> OpenAsync(SiloSettings settings, TimeProvider clock, CancellationToken cancel) =>
        settings.Database is { } database ? await PostgresStore.OpenAsync(settings, database, clock, cancel).ConfigureAwait(false) : FolderStore.Open(settings);

    /// <summary>Tells a silo to keep its grains' state and reminders here, and how its silos find each other.</summary>
    public abstract void AddTo(ISiloBuilder silo, SiloSettings settings);

    /// <summary>What keeps the store from answering now; null if it answers.</summary>
    public abstract Task<string?> ProblemAsync(CancellationToken cancel);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
