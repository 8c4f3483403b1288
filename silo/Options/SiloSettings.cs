using System.Net;

namespace OrleansAlign.Silo.Options;

/// <summary>The work that a silo takes.</summary>
internal enum SiloRole
{
    /// <summary>Takes clients and has no device slots: runs, prompts and brackets live here.</summary>
    Coordinator,

    /// <summary>Has device slots and takes no clients.</summary>
    Device,

    /// <summary>Takes clients and has device slots: the only silo of a small cluster.</summary>
    Both,
}

/// <summary>How silos find each other.</summary>
internal enum ClusteringKind
{
    /// <summary>On one machine, through the first silo's memory: a cluster that ends with it.</summary>
    Localhost,

    /// <summary>Through the database, which outlives any silo.</summary>
    Postgres,
}

/// <summary>A silo's settings, with their defaults; <see cref="SiloKeys"/> says what each setting means.</summary>
internal sealed record SiloSettings
{
    public SiloRole Role { get; init; } = SiloRole.Both;

    public string SiloName { get; init; } = "";

    public string ClusterId { get; init; } = "align";

    public string ServiceId { get; init; } = "align";

    public ClusteringKind Clustering { get; init; } = ClusteringKind.Localhost;

    /// <summary>Address of the first silo of a cluster on one machine; null: this silo is the first.</summary>
    public IPEndPoint? Primary { get; init; }

    /// <summary>Connection string of the PostgreSQL database; null: a single silo, which keeps everything in the storage folder.</summary>
    public string? Database { get; init; }

    public string Storage { get; init; } = "cluster";

    public int SiloPort { get; init; } = 11111;

    public int GatewayPort { get; init; } = 30000;

    public int HttpPort { get; init; } = 8080;

    public IPAddress Advertise { get; init; } = IPAddress.Loopback;

    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    public string? Token { get; init; }

    public string? TlsCertificate { get; init; }

    public string? TlsKey { get; init; }

    public string? TlsPassword { get; init; }

    public string? TlsAuthority { get; init; }

    /// <summary>The device slots: <c>managed</c>, <c>cpu</c>, <c>cuda:N</c>.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    public int Threads { get; init; }

    public int PromptsInFlight { get; init; } = 96;

    public int QueueCapacity { get; init; } = 256;

    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(25);

    public TimeSpan Probe { get; init; } = TimeSpan.FromSeconds(1);
}
