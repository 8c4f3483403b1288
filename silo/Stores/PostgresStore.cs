using System.Net;
using Npgsql;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Grains.Hosting;
using OrleansAlign.Ledgers;
using OrleansAlign.Silo.Cluster;
using OrleansAlign.Silo.Options;
using OrleansAlign.Silo.Schema;

namespace OrleansAlign.Silo.Stores;

/// <summary>One PostgreSQL database for any number of silos: the ledgers' schema, and beside it that of Orleans' ADO.NET providers.</summary>
internal sealed class PostgresStore : ClusterStore
{
    /// <summary>The providers' name for PostgreSQL's driver.</summary>
    private const string Invariant = "Npgsql";

    private readonly PostgresLedgers ledgers;
    private readonly string connection;

    private PostgresStore(PostgresLedgers ledgers, string connection) => (this.ledgers, this.connection) = (ledgers, connection);

    /// <inheritdoc/>
    public override IRunLedgers Ledgers => ledgers;

    /// <summary>Connects, and makes or updates the two schemas.</summary>
    /// <exception cref="InvalidDataException">
    /// The database does not answer, the user lacks a right, a schema is newer, or a silo of this name is running.
    /// </exception>
    public static async Task<PostgresStore> OpenAsync(SiloSettings settings, string database, TimeProvider clock, CancellationToken cancel)
    {
        PostgresLedgers? ledgers = null;
        try
        {
            ledgers = await PostgresLedgers.OpenAsync(database, clock, cancel: cancel).ConfigureAwait(false);
            await OrleansSchema.EnsureAsync(database, cancel).ConfigureAwait(false);
            var store = new PostgresStore(ledgers, OrleansSchema.ConnectionString(database));
            return await store.NamesakeAsync(settings, cancel).ConfigureAwait(false) is not { } namesake ? store : throw new InvalidDataException(
                $"{SiloKeys.SiloName} is {settings.SiloName}, as is that of the silo at {namesake.Address}:{namesake.Port}, which is running; "
                    + "choose another, or leave it to its default");
        }
        catch (Exception error)
        {
            if (ledgers is not null) await ledgers.DisposeAsync().ConfigureAwait(false);
            if (error is NpgsqlException || (error is InvalidDataException && !error.Message.StartsWith(SiloKeys.Section + ':', StringComparison.Ordinal)))
            {
                throw new InvalidDataException($"{SiloKeys.Database}: {error.Message}", error);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public override void AddTo(ISiloBuilder silo, SiloSettings settings)
    {
        if (settings.Clustering == ClusteringKind.Postgres) silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Invariant, connection));
        else silo.UseDevelopmentClustering(settings.Primary ?? new IPEndPoint(settings.Advertise, settings.SiloPort));
        silo.AddAdoNetGrainStorage(GrainHosting.StorageName, o => (o.Invariant, o.ConnectionString) = (Invariant, connection));
        silo.UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (Invariant, connection));
        if (settings.Clustering == ClusteringKind.Postgres) silo.Services.AddHostedService<StaleSilos>();
    }

    /// <inheritdoc/>
    public override async Task<string?> ProblemAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection opened = new(connection);
        await opened.OpenAsync(cancel).ConfigureAwait(false);
        await using NpgsqlCommand command = new("SELECT 1", opened);
        await command.ExecuteScalarAsync(cancel).ConfigureAwait(false);
        return null;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => ledgers.DisposeAsync();

    /// <summary>A running silo with this silo's name. Device slots are named after their silo, so two silos of one name would take each other's work.</summary>
    private async Task<KnownSilo?> NamesakeAsync(SiloSettings settings, CancellationToken cancel)
    {
        if (settings.Clustering != ClusteringKind.Postgres) return null;
        await using NpgsqlConnection opened = new(connection);
        await opened.OpenAsync(cancel).ConfigureAwait(false);
        foreach (KnownSilo silo in await KnownSilo.ReadAsync(opened, settings.ClusterId, cancel).ConfigureAwait(false))
        {
            bool isAnother = silo.Port != settings.SiloPort || silo.Address != settings.Advertise.ToString();
            if (silo.Name != settings.SiloName || !silo.IsActive || silo.IsSilent || !isAnother) continue;
            if (await silo.ListensAsync(cancel).ConfigureAwait(false)) return silo;
        }

        return null;
    }
}
