using System.Globalization;
using System.Text;

namespace OrleansAlign.Silo.Options;

/// <summary>A key of the section <c>Align</c>.</summary>
/// <param name="Name">Its name, without the section.</param>
/// <param name="Default">Its default, in words.</param>
/// <param name="Meaning">What it means.</param>
public sealed record SiloKey(string Name, string Default, string Meaning)
{
    /// <summary>As it stands in configuration and messages.</summary>
    public string Path => $"{SiloKeys.Section}:{Name}";

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>All keys, with their defaults and meanings.</summary>
public static class SiloKeys
{
    /// <summary>The section that they stand in.</summary>
    public const string Section = "Align";

    /// <summary>What the silo is there for.</summary>
    public static readonly SiloKey Role = new("Role", "both", "coordinator (takes clients, has no device slots), device (has slots, takes no clients) or both");

    /// <summary>Name of the silo.</summary>
    public static readonly SiloKey SiloName = new("SiloName", "<machine>-<silo port>", "name of the silo, unique in the cluster");

    /// <summary>Name of the cluster.</summary>
    public static readonly SiloKey ClusterId = new("ClusterId", "align", "name of the cluster; silos of another one in the same database are strangers");

    /// <summary>Name under which state is kept.</summary>
    public static readonly SiloKey ServiceId = new("ServiceId", "align", "name under which grain state and reminders are kept");

    /// <summary>How silos find each other.</summary>
    public static readonly SiloKey Clustering = new("Clustering", "localhost", "localhost (one machine; the cluster ends with its first silo) or postgres (through the database)");

    /// <summary>The first silo of a cluster on one machine.</summary>
    public static readonly SiloKey Primary = new("Primary", "this silo", "with Clustering localhost: address:port of the first silo, such as 127.0.0.1:11111");

    /// <summary>The database.</summary>
    public static readonly SiloKey Database = new("Database", "required", "PostgreSQL: Host=…;Port=5432;Database=…;Username=…;Password=…");

    /// <summary>The shared folder.</summary>
    public static readonly SiloKey Storage = new("Storage", "required", "folder that all silos share: policies, trainer states, uploaded data; it must exist");

    /// <summary>Port for silos.</summary>
    public static readonly SiloKey SiloPort = new("SiloPort", "11111", "port for other silos");

    /// <summary>Port for clients.</summary>
    public static readonly SiloKey GatewayPort = new("GatewayPort", "30000; 0 with Role device", "port for clients; 0 takes none");

    /// <summary>Port for HTTP.</summary>
    public static readonly SiloKey HttpPort = new("HttpPort", "8080", "port of /metrics, /health/live, /health/ready and /dashboard");

    /// <summary>The address that others use.</summary>
    public static readonly SiloKey Advertise = new("Advertise", "127.0.0.1", "address or host name under which other silos and clients reach this one");

    /// <summary>The address whose ports are opened.</summary>
    public static readonly SiloKey Listen = new("Listen", "127.0.0.1", "address whose ports are opened, such as 0.0.0.0; anything but loopback requires a Token");

    /// <summary>What clients must know.</summary>
    public static readonly SiloKey Token = new("Token", "none", "secret that clients must send, and that opens the dashboard");

    /// <summary>The silo's certificate.</summary>
    public static readonly SiloKey TlsCertificate = new("Tls:Certificate", "none", "file of the silo's certificate (PKCS #12, or PEM); with it, silos and clients talk TLS");

    /// <summary>Its key.</summary>
    public static readonly SiloKey TlsKey = new("Tls:Key", "none", "PEM file of the certificate's private key, where the certificate's file has none");

    /// <summary>The file's password.</summary>
    public static readonly SiloKey TlsPassword = new("Tls:Password", "none", "password of that file");

    /// <summary>Who signs the peers.</summary>
    public static readonly SiloKey TlsAuthority = new("Tls:Authority", "none", "PEM file of the authority that must have signed the certificate of every silo and every client; without it peers must show this silo's own certificate, clients none");

    /// <summary>The device slots.</summary>
    public static readonly SiloKey Devices = new("Devices", "managed", "device slots, separated by commas or as a list: managed (pure C#), cpu (libtorch on the processor), cuda:0, cuda:1, …");

    /// <summary>Threads of a slot.</summary>
    public static readonly SiloKey Threads = new("Threads", "0", "processor threads of each slot; 0 takes all cores");

    /// <summary>Prompts in play.</summary>
    public static readonly SiloKey PromptsInFlight = new("PromptsInFlight", "96", "prompts of a run that are in play at the same time");

    /// <summary>Calls that wait.</summary>
    public static readonly SiloKey QueueCapacity = new("QueueCapacity", "256", "calls that wait for a slot before it refuses more");

    /// <summary>How long a stopping silo works.</summary>
    public static readonly SiloKey DrainSeconds = new("DrainSeconds", "25", "how long a stopping silo finishes its work before it leaves the cluster");

    /// <summary>How long a probe may take.</summary>
    public static readonly SiloKey ProbeSeconds = new("ProbeSeconds", "1", "how long a silo may take to answer a probe; after two that it did not answer it is declared dead");

    /// <summary>All of them, in the order in which they are told.</summary>
    public static readonly IReadOnlyList<SiloKey> All =
    [
        Role, SiloName, ClusterId, ServiceId, Clustering, Primary, Database, Storage, SiloPort, GatewayPort, HttpPort, Advertise, Listen, Token,
        TlsCertificate, TlsKey, TlsPassword, TlsAuthority, Devices, Threads, PromptsInFlight, QueueCapacity, DrainSeconds, ProbeSeconds,
    ];

    /// <summary>The text of <c>--help</c>.</summary>
    public static string Help()
    {
        var text = new StringBuilder("""
            align-silo: one silo of an OrleansAlign cluster.

            Usage: align-silo [--Align:<key>=<value> …] [--help] [--version]

            Each key stands on the command line (--Align:Role=device), in the environment (ALIGN__ROLE=device) or in
            appsettings.json of the working directory ({ "Align": { "Role": "device" } }); the first of these wins.
            Logging:LogLevel:<category> says what is logged.


            """);
        foreach (SiloKey key in All) text.Append(CultureInfo.InvariantCulture, $"  {key.Path,-22} {key.Meaning} [{key.Default}]\n");
        text.Append("""

            SIGTERM or SIGINT ends the silo: it finishes its work, leaves the cluster, and its exit code is 0; a second signal ends it at once.
            Exit codes: 0 ended as told, 1 failed, 2 something in the configuration is wrong (a line each says what).

            """);
        return text.ToString();
    }
}
