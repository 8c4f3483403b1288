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

/// <summary>Configures a silo: its place in the cluster, its store, access, and the grains.</summary>
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

            // The dashboard and the health check call through the silo's own client, which must send the token like any other.
            silo.AddOutgoingGrainCallFilter(new ControlTokenSender(token));
        }

        silo.AddDashboard();
        silo.AddAlign(Told(options), _ => prepared.Store.Ledgers, engines);
    }

    /// <summary>The grains' options.</summary>
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

    /// <summary>Longest time between two signs of life of a running silo in the membership table.</summary>
    public static TimeSpan Silence => 3 * SignOfLife;

    private static TimeSpan SignOfLife => TimeSpan.FromSeconds(5);

    /// <summary>Sets how soon a lost silo is declared dead, and how long calls wait.</summary>
    private static void Time(ISiloBuilder silo, SiloSettings options)
    {
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            // A killed silo is declared dead after two unanswered probes, on the vote of one neighbour; until then, calls to its grains fail. Orleans adapts a
            // probe's time limit to the answers measured. By its defaults the limit may fall to half of what is set, which a silo whose engine uses all
            // processors misses at times, and rise to four times that; silos with a live connection are not declared dead before the highest limit.
            (membership.ProbeTimeout, membership.MinProbeTimeout, membership.MaxProbeTimeout) = (options.Probe, options.Probe, 2 * options.Probe);
            membership.NumMissedProbesLimit = 2;
            membership.NumVotesForDeathDeclaration = 1;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);

            membership.IAmAliveTablePublishTimeout = SignOfLife;
            membership.DefunctSiloExpiration = TimeSpan.FromDays(1);
        });
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(30));
        silo.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(30));

        // Engines use all processors by design, which is no overload.
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
