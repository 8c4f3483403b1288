using System.Net.Sockets;
using OrleansAlign.Core.Policies;
using OrleansAlign.Ledgers;
using OrleansAlign.Silo.Cluster;
using OrleansAlign.Silo.Options;
using OrleansAlign.Silo.Schema;

namespace OrleansAlign.Silo.Checks;

/// <summary>What a silo has tried out before it starts: all of it is there and works.</summary>
/// <param name="Ledgers">The ledgers, open.</param>
/// <param name="Tls">The certificates; null without TLS.</param>
public sealed record Prepared(PostgresLedgers Ledgers, TlsCertificates? Tls);

/// <summary>Tries out what reading the options cannot tell. Nothing listens and nothing is announced yet; the database has its schemas afterwards.</summary>
public static class StartChecks
{
    /// <summary>Tries everything, whatever fails.</summary>
    /// <param name="options">The options, of which some may be defaults in place of what was wrong.</param>
    /// <param name="engines">The engines of this program.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <returns>What is ready, if no problem was found; the caller disposes of the ledgers.</returns>
    public static async Task<(Prepared? Prepared, IReadOnlyList<string> Problems)> RunAsync(SiloOptions options, EngineCatalog engines, TimeProvider clock, CancellationToken cancel = default)
    {
        Task<(PostgresLedgers? Ledgers, string? Problem)> database = DatabaseAsync(options, clock, cancel);
        List<string> problems = [.. StorageProblems(options), .. PortProblems(options), .. DeviceProblems(options, engines)];
        TlsCertificates? tls = null;
        try
        {
            tls = TlsCertificates.Load(options, clock);
        }
        catch (InvalidDataException error)
        {
            problems.Add(error.Message);
        }

        (PostgresLedgers? ledgers, string? problem) = await database.ConfigureAwait(false);
        if (problem is not null) problems.Insert(0, problem);
        if (ledgers is null || problems.Count == 0) return (ledgers is null ? null : new Prepared(ledgers, tls), problems);
        await ledgers.DisposeAsync().ConfigureAwait(false);
        return (null, problems);
    }

    private static async Task<(PostgresLedgers? Ledgers, string? Problem)> DatabaseAsync(SiloOptions options, TimeProvider clock, CancellationToken cancel)
    {
        // What is not set has been reported by the reader.
        string database = options.Database;
        if (database.Length == 0) return (null, null);
        PostgresLedgers? ledgers = null;
        try
        {
            ledgers = await PostgresLedgers.OpenAsync(database, clock, cancel: cancel).ConfigureAwait(false);
            await OrleansSchema.EnsureAsync(database, cancel).ConfigureAwait(false);
            if (await NamesakeAsync(options, cancel).ConfigureAwait(false) is not { } namesake) return (ledgers, null);
            await ledgers.DisposeAsync().ConfigureAwait(false);
            return (null, $"{SiloKeys.SiloName} is {options.SiloName}, as is that of the silo at {namesake.Address}:{namesake.Port}, which is running; choose another, or leave it to its default");
        }
        catch (Exception error)
        {
            if (ledgers is not null) await ledgers.DisposeAsync().ConfigureAwait(false);
            if (error is InvalidDataException or Npgsql.NpgsqlException) return (null, $"{SiloKeys.Database}: {error.Message}");
            throw;
        }
    }

    /// <summary>A running silo of this one's name: device slots are called by silo names, so two of one name would take each other's work.</summary>
    private static async Task<KnownSilo?> NamesakeAsync(SiloOptions options, CancellationToken cancel)
    {
        if (options.Clustering != ClusteringKind.Postgres) return null;
        var connection = new Npgsql.NpgsqlConnection(OrleansSchema.ConnectionString(options.Database));
        await using (connection.ConfigureAwait(false))
        {
            foreach (KnownSilo silo in await KnownSilo.ReadAsync(connection, options.ClusterId, cancel).ConfigureAwait(false))
            {
                bool isAnother = silo.Port != options.SiloPort || silo.Address != options.Advertise.ToString();
                if (silo.Name == options.SiloName && silo.IsActive && !silo.IsSilent && isAnother && await silo.ListensAsync(cancel).ConfigureAwait(false)) return silo;
            }
        }

        return null;
    }

    private static IEnumerable<string> StorageProblems(SiloOptions options)
    {
        if (options.Storage.Length == 0) yield break;
        string folder = Path.GetFullPath(options.Storage);
        if (!Directory.Exists(folder))
        {
            yield return File.Exists(folder)
                ? $"{SiloKeys.Storage} is {options.Storage}, which is a file; name a folder that all silos share"
                : $"{SiloKeys.Storage} is {options.Storage}, and there is no folder {folder}; make it (mkdir -p {folder}), or mount what all silos share there";
        }
        else if (StorageProbe.Problem(folder, options.SiloName) is { } problem)
        {
            yield return $"{SiloKeys.Storage} is {options.Storage}, where nothing can be written: {problem}; let this user ({Environment.UserName}) write there, or name another folder";
        }
    }

    private static IEnumerable<string> PortProblems(SiloOptions options)
    {
        foreach ((SiloKey key, int port) in new[] { (SiloKeys.SiloPort, options.SiloPort), (SiloKeys.GatewayPort, options.GatewayPort), (SiloKeys.HttpPort, options.HttpPort) })
        {
            if (port == 0) continue;
            string? problem = null;
            try
            {
                using TcpListener probe = new(options.Listen, port);
                probe.Start();
            }
            catch (SocketException error)
            {
                problem = error.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse => $"{key} is {port}, and another program listens there on {options.Listen}; end it, or choose another port",
                    SocketError.AddressNotAvailable => $"{SiloKeys.Listen} is {options.Listen}, which is no address of this machine; choose one that is, or 0.0.0.0 for all",
                    SocketError.AccessDenied => $"{key} is {port}, which this user may not open; choose one above 1023",
                    _ => $"{key} is {port}, which cannot be opened on {options.Listen}: {error.Message}; choose another port",
                };
            }

            if (problem is null) continue;
            yield return problem;
            if (problem.StartsWith(SiloKeys.Listen.Path, StringComparison.Ordinal)) yield break;
        }
    }

    private static IEnumerable<string> DeviceProblems(SiloOptions options, EngineCatalog engines)
    {
        foreach (string device in options.Devices.Distinct())
        {
            EngineChoice choice = device == "managed" ? EngineChoice.Managed(options.Threads) : new EngineChoice(EngineKind.Torchsharp, device, options.Threads);
            if (engines.Problem(choice) is { } problem) yield return $"{SiloKeys.Devices} has {device}: {problem}";
        }
    }
}
