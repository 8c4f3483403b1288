using System.Net;

namespace OrleansAlign.Silo.Options;

/// <summary>What a silo is told at its start: the section <c>Align</c> of its configuration. <see cref="SiloKeys"/> says what each key means.</summary>
public sealed record SiloOptions
{
    /// <summary>What the silo is there for. Default: both.</summary>
    public SiloRole Role { get; init; } = SiloRole.Both;

    /// <summary>Name of the silo, unique in the cluster. Default: the machine's name and the silo port.</summary>
    public string SiloName { get; init; } = "";

    /// <summary>Name of the cluster: silos of another one in the same database are strangers.</summary>
    public string ClusterId { get; init; } = "align";

    /// <summary>Name under which grain state and reminders are kept.</summary>
    public string ServiceId { get; init; } = "align";

    /// <summary>How silos find each other. Default: on this machine.</summary>
    public ClusteringKind Clustering { get; init; } = ClusteringKind.Localhost;

    /// <summary>Where the first silo of a cluster on one machine listens; null: this silo is the first.</summary>
    public IPEndPoint? Primary { get; init; }

    /// <summary>Connection string of the PostgreSQL database.</summary>
    public string Database { get; init; } = "";

    /// <summary>The folder that all silos share.</summary>
    public string Storage { get; init; } = "";

    /// <summary>Port for other silos.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>Port for clients; 0: none are taken.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>Port of metrics, health and the dashboard.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>The address under which others reach this silo.</summary>
    public IPAddress Advertise { get; init; } = IPAddress.Loopback;

    /// <summary>The address whose ports are opened.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    /// <summary>What clients must know; null: nothing.</summary>
    public string? Token { get; init; }

    /// <summary>File of the certificate that this silo shows; null: connections are not encrypted.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>File of the certificate's key, where it is not in the certificate's file.</summary>
    public string? TlsKey { get; init; }

    /// <summary>Password of the certificate's file or of its key.</summary>
    public string? TlsPassword { get; init; }

    /// <summary>File of the authority that must have signed every peer's certificate.</summary>
    public string? TlsAuthority { get; init; }

    /// <summary>The device slots: <c>managed</c>, <c>cpu</c>, <c>cuda:N</c>.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Threads of each slot's engine; 0 takes all cores.</summary>
    public int Threads { get; init; }

    /// <summary>Prompts of a run that are in play at the same time.</summary>
    public int PromptsInFlight { get; init; } = 96;

    /// <summary>Calls that wait for a slot before it refuses more.</summary>
    public int QueueCapacity { get; init; } = 256;

    /// <summary>How long a stopping silo finishes its work.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a silo's answer to a probe may take; two in a row that do not come declare it dead.</summary>
    public TimeSpan Probe { get; init; } = TimeSpan.FromSeconds(1);
}
