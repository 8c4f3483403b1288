using System.Net;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Orleans.Dashboard;
using OrleansAlign.Core.Policies;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Hosting;
using OrleansAlign.Silo.Checks;
using OrleansAlign.Silo.Control;
using OrleansAlign.Silo.Options;

namespace OrleansAlign.Silo.Cluster;

/// <summary>Puts a silo together: its place in the cluster, where state is kept, who may call, and the grains.</summary>
internal static class SiloSetup
{
    /// <summary>Adds everything to the silo.</summary>
    public static void Configure(ISiloBuilder silo, SiloSettings options, Prepared prepared, EngineCatalog engines)
    {
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId));
        silo.Configure<EndpointOptions>(endpoint =>
        {
            endpoint.AdvertisedIPAddress = options.Advertise;
            endpoint.SiloPort = options.SiloPort;
            endpoint.GatewayPort = options.GatewayPort;
            endpoint.SiloListeningEndpoint = new IPEndPoint(options.Listen, options.SiloPort);
            endpoint.GatewayListeningEndpoint = options.GatewayPort == 0 ? null : new IPEndPoint(options.Listen, options.GatewayPort);
        });

        prepared.Store.AddTo(silo, options);
        Time(silo, options);
        if (prepared.Tls is { } tls) Encrypt(silo, tls);
        if (options.Token is { } token)
        {
            silo.AddIncomingGrainCallFilter(new ControlTokenFilter(new TokenCheck(token)));

            // The silo's own client, which the dashboard and the health check use, is a client like any other.
            silo.AddOutgoingGrainCallFilter(new ControlTokenSender(token));
        }

        silo.AddDashboard();
        silo.AddAlign(Told(options), _ => prepared.Store.Ledgers, engines);
    }

    /// <summary>What the grains are told.</summary>
    private static GrainHostOptions Told(SiloSettings options) => new()
    {
        SiloName = options.SiloName,
        Version = SiloHost.Version,
        Storage = Path.GetFullPath(options.Storage),
        Devices = [.. options.Devices.Select(device => device == "managed" ? "cpu" : device)],
        Threads = options.Threads,
        PromptsInFlight = options.PromptsInFlight,
        QueueCapacity = options.QueueCapacity,
        Drain = options.Drain,
    };

    /// <summary>How long a silo that lives may be without a sign of life in the membership table.</summary>
    public static TimeSpan Silence => 3 * SignOfLife;

    private static TimeSpan SignOfLife => TimeSpan.FromSeconds(5);

    /// <summary>How fast a silo is missed, and how long calls wait.</summary>
    private static void Time(ISiloBuilder silo, SiloSettings options)
    {
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            // A silo that was killed is declared dead after two probes that it did not answer, by the word of one neighbour: calls to its grains fail that long.
            // The time of a probe follows the answers that were measured. By default it may fall to half of what is set, which a silo whose engine has all
            // processors misses at times, and rise to four times that, which also is how long two silos with a live connection are not declared dead.
            (membership.ProbeTimeout, membership.MinProbeTimeout, membership.MaxProbeTimeout) = (options.Probe, options.Probe, 2 * options.Probe);
            membership.NumMissedProbesLimit = 2;
            membership.NumVotesForDeathDeclaration = 1;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);

            membership.IAmAliveTablePublishTimeout = SignOfLife;
            membership.DefunctSiloExpiration = TimeSpan.FromDays(1);
        });
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(30));
        silo.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(30));

        // Engines use all of the processor by design: that is no overload.
        silo.Configure<LoadSheddingOptions>(shedding => shedding.LoadSheddingEnabled = false);
    }

    private static void Encrypt(ISiloBuilder silo, TlsCertificates tls) => silo.UseTls(tls.Own, o =>
    {
        o.RemoteCertificateMode = tls.IsMutual ? RemoteCertificateMode.RequireCertificate : RemoteCertificateMode.AllowCertificate;
        o.ClientCertificateMode = RemoteCertificateMode.AllowCertificate;
        o.RemoteCertificateValidation = (certificate, _, _) => tls.Accepts(certificate);
        o.OnAuthenticateAsClient = (_, client) => client.TargetHost = "align";
    });
}
