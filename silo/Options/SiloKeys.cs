using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace OrleansAlign.Silo.Options;

/// <summary>A key of the configuration section <c>Align</c>.</summary>
/// <param name="Name">Its name, without the section.</param>
/// <param name="Default">Its default, in words.</param>
/// <param name="Meaning">What it means.</param>
/// <param name="Apply">Settings with the key's text read into them; a <see cref="FormatException"/> says the rule that the text breaks.</param>
internal sealed record SiloKey(string Name, string Default, string Meaning, Func<SiloSettings, string, SiloSettings> Apply)
{
    /// <summary>The key with its section, as in configuration and messages.</summary>
    public string Path => $"{SiloKeys.Section}:{Name}";

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>All keys, with their defaults and meanings, and how each is read.</summary>
internal static partial class SiloKeys
{
    /// <summary>The section of the keys.</summary>
    public const string Section = "Align";

    /// <summary>Arguments of a silo that uses PostgreSQL, as an example in messages.</summary>
    public const string PostgresExample = "--Align:Clustering=postgres "
        + "--Align:Database=\"Host=127.0.0.1;Database=align;Username=align;Password=…\" --Align:Storage=/srv/align";

    public static readonly SiloKey Role = new("Role", "both", "coordinator (takes clients, has no device slots), device (has slots, takes no clients) or both",
        (s, text) => s with { Role = Choice<SiloRole>(text) });

    public static readonly SiloKey SiloName = new("SiloName", "<machine>-<silo port>", "name of the silo, unique in the cluster",
        (s, text) => s with { SiloName = NameOf(text) });

    public static readonly SiloKey ClusterId = new("ClusterId", "align", "name of the cluster; clusters of different names share a database without meeting",
        (s, text) => s with { ClusterId = NameOf(text) });

    public static readonly SiloKey ServiceId = new("ServiceId", "align", "name under which grain state and reminders are kept",
        (s, text) => s with { ServiceId = NameOf(text) });

    public static readonly SiloKey Database = new("Database", "none: one silo, which keeps everything in Storage",
        "PostgreSQL, which a second silo needs: Host=…;Port=5432;Database=…;Username=…;Password=…", (s, text) => s with { Database = text });

    public static readonly SiloKey Storage = new("Storage", "cluster; required with a Database",
        "folder of policies, trainer states and uploaded data, which all silos share; without a Database also of ledgers and grain state",
        (s, text) => s with { Storage = text });

    public static readonly SiloKey Clustering = new("Clustering", "localhost",
        "localhost (one machine; the cluster ends with its first silo) or postgres (through the database)",
        (s, text) => s with { Clustering = Choice<ClusteringKind>(text) });

    public static readonly SiloKey Primary = new("Primary", "this silo", "with Clustering localhost: address:port of the first silo, such as 127.0.0.1:11111",
        (s, text) => s with { Primary = EndPoint(text) });

    public static readonly SiloKey SiloPort = new("SiloPort", "11111", "port for other silos", (s, text) => s with { SiloPort = Number(text, 1, 65535) });

    public static readonly SiloKey GatewayPort = new("GatewayPort", "30000; 0 with Role device", "port for clients; 0 takes none",
        (s, text) => s with { GatewayPort = Number(text, 0, 65535) });

    public static readonly SiloKey HttpPort = new("HttpPort", "8080", "port of /metrics, /health/live, /health/ready and /dashboard",
        (s, text) => s with { HttpPort = Number(text, 1, 65535) });

    public static readonly SiloKey Advertise = new("Advertise", "127.0.0.1", "address or host name under which other silos and clients reach this one",
        (s, text) => s with { Advertise = Address(text) });

    public static readonly SiloKey Listen = new("Listen", "127.0.0.1",
        "address whose ports are opened, such as 0.0.0.0; anything but loopback requires a Token",
        (s, text) => s with { Listen = Address(text) });

    public static readonly SiloKey Token = new("Token", "none", "secret that clients must send, and that opens the dashboard",
        (s, text) => s with { Token = text });

    public static readonly SiloKey TlsCertificate = new("Tls:Certificate", "none",
        "file of the silo's certificate (PKCS #12, or PEM); with it, silos and clients talk TLS",
        (s, text) => s with { TlsCertificate = text });

    public static readonly SiloKey TlsKey = new("Tls:Key", "none", "PEM file of the certificate's private key, where the certificate's file has none",
        (s, text) => s with { TlsKey = text });

    public static readonly SiloKey TlsPassword = new("Tls:Password", "none", "password of the certificate's file", (s, text) => s with { TlsPassword = text });

    public static readonly SiloKey TlsAuthority = new("Tls:Authority", "none",
        "PEM file of the authority that must have signed the certificate of every silo and every client; "
            + "without it, silos must show this silo's own certificate, and clients none",
        (s, text) => s with { TlsAuthority = text });

    public static readonly SiloKey Devices = new("Devices", "managed",
        "device slots, separated by commas or as a list: managed (pure C#), cpu (libtorch on the processor), cuda:0, cuda:1, …",
        (s, text) => s with { Devices = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Device)] });

    public static readonly SiloKey Threads = new("Threads", "0", "processor threads of each slot; 0 takes all cores",
        (s, text) => s with { Threads = Number(text, 0, 1024) });

    public static readonly SiloKey PromptsInFlight = new("PromptsInFlight", "96", "prompts of a run whose tournaments are under way at the same time",
        (s, text) => s with { PromptsInFlight = Number(text, 1, 1_000_000) });

    public static readonly SiloKey QueueCapacity = new("QueueCapacity", "256", "calls that wait for a slot before it refuses more",
        (s, text) => s with { QueueCapacity = Number(text, 1, 1_000_000) });

    public static readonly SiloKey DrainSeconds = new("DrainSeconds", "25", "time in which a stopping silo finishes its work before it leaves the cluster",
        (s, text) => s with { Drain = Seconds(text, 0, 3600) });

    public static readonly SiloKey ProbeSeconds = new("ProbeSeconds", "1",
        "time in which a silo answers a probe, up to twice that where its answers are slow; after two unanswered probes it is declared dead",
        (s, text) => s with { Probe = Seconds(text, 0.2, 60) });

    /// <summary>All keys, in the order in which --help lists them.</summary>
    public static readonly IReadOnlyList<SiloKey> All =
    [
        Storage, Database, Clustering, Role, SiloName, ClusterId, ServiceId, Primary, SiloPort, GatewayPort, HttpPort, Advertise, Listen, Token,
        TlsCertificate, TlsKey, TlsPassword, TlsAuthority, Devices, Threads, PromptsInFlight, QueueCapacity, DrainSeconds, ProbeSeconds,
    ];

    /// <summary>The text of <c>--help</c>.</summary>
    public static string Help()
    {
        var text = new StringBuilder("""
            align-silo: one silo of an OrleansAlign cluster. Without any setting it is a whole cluster, on this machine and for it alone.

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

    /// <summary>The name with a hyphen for every character that names may not have.</summary>
    public static string Plain(string name) => NotOfName().Replace(name, "-");

    private static T Choice<T>(string text)
        where T : struct, Enum => Array.Find(Enum.GetNames<T>(), name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known
            ? Enum.Parse<T>(known)
            : throw new FormatException($"it must be one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");

    private static string NameOf(string text) => text.Length <= 100 && !NotOfName().IsMatch(text)
        ? text
        : throw new FormatException("a name has at most 100 letters, digits, points, hyphens and underscores");

    private static int Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new FormatException($"it must be a whole number from {least} to {most}");

    private static TimeSpan Seconds(string text, double least, double most) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most
            ? TimeSpan.FromSeconds(number)
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"it must be a number of seconds from {least} to {most}"));

    private static IPEndPoint EndPoint(string text) => IPEndPoint.TryParse(text, out IPEndPoint? point) && point.Port != 0
        ? point
        : throw new FormatException("it must be an address with a port, such as 127.0.0.1:11111");

    private static IPAddress Address(string text)
    {
        if (text == "localhost") return IPAddress.Loopback;
        if (IPAddress.TryParse(text, out IPAddress? address)) return address;
        try
        {
            IPAddress[] known = Dns.GetHostAddresses(text);
            return Array.Find(known, a => a.AddressFamily == AddressFamily.InterNetwork) ?? known.FirstOrDefault()
                ?? throw new FormatException("no address belongs to that name; set an address such as 10.0.0.5");
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            throw new FormatException($"it is neither an address nor a host name that can be resolved ({error.Message}); set an address such as 10.0.0.5");
        }
    }

    private static string Device(string text) => DeviceName().IsMatch(text)
        ? text.Equals("cuda", StringComparison.OrdinalIgnoreCase) ? "cuda:0" : text.ToLowerInvariant()
        : throw new FormatException("a device is managed, cpu, or cuda:0, cuda:1, …");

    [GeneratedRegex("[^A-Za-z0-9._-]")]
    private static partial Regex NotOfName();

    [GeneratedRegex("^(managed|cpu|cuda(:[0-9]{1,3})?)$", RegexOptions.IgnoreCase)]
    private static partial Regex DeviceName();
}
