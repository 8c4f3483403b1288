using System.Net.Sockets;
using OrleansAlign.Core.Policies;
using OrleansAlign.Silo.Cluster;
using OrleansAlign.Silo.Options;
using OrleansAlign.Silo.Stores;

namespace OrleansAlign.Silo.Checks;

/// <summary>The store and the certificates, opened and checked before a silo starts.</summary>
/// <param name="Store">Where the cluster keeps its state, open.</param>
/// <param name="Tls">The certificates; null without TLS.</param>
internal sealed record Prepared(ClusterStore Store, TlsCertificates? Tls);

/// <summary>
/// Checks that need the machine: storage, database, ports, devices, certificates. Nothing listens or is announced yet; the store has its schemas afterwards.
/// </summary>
internal static class StartChecks
{
    /// <summary>Runs every check, also after a failed one.</summary>
    /// <param name="options">The settings; wrong ones have been replaced by defaults.</param>
    /// <param name="engines">The engines of this program.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <returns>The prepared parts, or null and a line for each problem; the caller disposes of the store.</returns>
    public static async Task<(Prepared? Prepared, IReadOnlyList<string> Problems)> RunAsync(
        SiloSettings options, EngineCatalog engines, TimeProvider clock, CancellationToken cancel = default)
    {
        string[] storage = [.. StorageProblems(options)];
        ClusterStore? store = null;
        List<string> problems = [];
        try
        {
            // An unusable folder is reported once, not as a store's problem too.
            if (options.Database is not null || storage.Length == 0) store = await ClusterStore.OpenAsync(options, clock, cancel).ConfigureAwait(false);
        }
        catch (InvalidDataException error)
        {
            problems.Add(error.Message);
        }

        // A silo that holds the folder most likely holds the ports too: the remedy is PostgreSQL, not another port.
        bool isSecond = options.Database is null && problems.Count > 0;
        problems.AddRange([.. storage, .. isSecond ? [] : PortProblems(options), .. DeviceProblems(options, engines)]);
        TlsCertificates? tls = null;
        try
        {
            tls = TlsCertificates.Load(options, clock);
        }
        catch (InvalidDataException error)
        {
            problems.Add(error.Message);
        }

        if (store is not null && problems.Count == 0) return (new Prepared(store, tls), problems);
        if (store is not null) await store.DisposeAsync().ConfigureAwait(false);
        return (null, problems);
    }

    private static IEnumerable<string> StorageProblems(SiloSettings options)
    {
        string folder = Path.GetFullPath(options.Storage);
        if (options.Database is null && !File.Exists(folder)) Make(folder);
        if (!Directory.Exists(folder))
        {
            yield return File.Exists(folder)
                ? $"{SiloKeys.Storage} is {options.Storage}, which is a file; name a folder that all silos share"
                : $"{SiloKeys.Storage} is {options.Storage}, and there is no folder {folder}; make it (mkdir -p {folder}), or mount what all silos share there";
        }
        else if (StorageProbe.Problem(folder, options.SiloName) is { } problem)
        {
            yield return $"{SiloKeys.Storage} is {options.Storage}, where nothing can be written: {problem}; "
                + $"let this user ({Environment.UserName}) write there, or name another folder";
        }
        else if (options.Database is not null && FolderStore.IsIn(folder))
        {
            yield return $"{SiloKeys.Storage} is {options.Storage}, where a silo without {SiloKeys.Database} keeps its runs; "
                + $"name another folder, or leave {SiloKeys.Database} out";
        }
        else if (options.Database is null && !FolderStore.IsIn(folder) && Directory.Exists(Path.Combine(folder, "runs")))
        {
            yield return $"{SiloKeys.Storage} is {options.Storage}, which has runs whose ledgers are in a database; "
                + $"set {SiloKeys.Database}, or name another folder";
        }
    }

    /// <summary>Makes the folder of a single silo; if that fails, the folder is reported as missing.</summary>
    private static void Make(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static IEnumerable<string> PortProblems(SiloSettings options)
    {
        (SiloKey Key, int Port)[] ports =
        [
            (SiloKeys.SiloPort, options.SiloPort), (SiloKeys.GatewayPort, options.GatewayPort), (SiloKeys.HttpPort, options.HttpPort),
        ];
        foreach ((SiloKey key, int port) in ports.Where(p => p.Port != 0))
        {
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
                    SocketError.AddressAlreadyInUse =>
                        $"{key} is {port}, and another program listens there on {options.Listen}; end it, or choose another port",
                    SocketError.AddressNotAvailable =>
                        $"{SiloKeys.Listen} is {options.Listen}, which is no address of this machine; choose one that is, or 0.0.0.0 for all",
                    SocketError.AccessDenied => $"{key} is {port}, which this user may not open; choose one above 1023",
                    _ => $"{key} is {port}, which cannot be opened on {options.Listen}: {error.Message}; choose another port",
                };
            }

            if (problem is null) continue;
            yield return problem;
            if (problem.StartsWith(SiloKeys.Listen.Path, StringComparison.Ordinal)) yield break;
        }
    }

    private static IEnumerable<string> DeviceProblems(SiloSettings options, EngineCatalog engines)
    {
        foreach (string device in options.Devices.Distinct())
        {
            EngineChoice choice = device == "managed"
                ? EngineChoice.Managed(options.Threads)
                : new EngineChoice(EngineKind.Torchsharp, device, options.Threads);
            if (engines.Problem(choice) is { } problem) yield return $"{SiloKeys.Devices} has {device}: {problem}";
        }
    }
}
