using Npgsql;
using OrleansAlign.Silo.Options;

namespace OrleansAlign.Silo;

/// <summary>The lines that a silo logs about itself as it starts.</summary>
internal static class Announcement
{
    /// <summary>A line each for role, addresses, clustering, storage, device slots and access; no secrets.</summary>
    public static IEnumerable<string> Lines(SiloSettings options, string version)
    {
        string clients = options.GatewayPort == 0 ? "none" : $"{options.Advertise}:{options.GatewayPort}";
        string clustering = options.Clustering == ClusteringKind.Postgres ? "through the database"
            : options.Primary is { } primary ? $"on this machine, first silo {primary}"
            : "on this machine, this silo is the first";
        string threads = options.Threads == 0 ? "all cores" : $"{options.Threads}";
        string tls = options.TlsCertificate is null ? "no" : options.TlsAuthority is null ? "yes" : "yes, with certificates on both sides";

        yield return $"role: {options.Role.ToString().ToLowerInvariant()}; silo {options.SiloName}, version {version}";
        yield return $"addresses: silos {options.Advertise}:{options.SiloPort}, clients {clients}, HTTP http://{options.Advertise}:{options.HttpPort}; "
            + $"listening on {options.Listen}";
        yield return $"clustering: {clustering}; cluster {options.ClusterId}, service {options.ServiceId}";
        string storage = Path.GetFullPath(options.Storage);
        if (options.Database is null)
        {
            yield return $"storage: {storage}, with ledgers and grain state in SQLite";
        }
        else
        {
            NpgsqlConnectionStringBuilder database = new(options.Database);
            yield return $"database: PostgreSQL at {database.Host}:{database.Port}, database {database.Database ?? database.Username}";
            yield return $"storage: {storage}";
        }

        yield return options.Devices.Count == 0
            ? "device slots: none"
            : $"device slots: {options.Devices.Count} ({string.Join(", ", options.Devices)}), threads of each: {threads}";
        yield return $"token: {(options.Token is null ? "no" : "yes")}; TLS: {tls}";
    }
}
