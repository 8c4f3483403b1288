using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Policies;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Hosting;
using OrleansAlign.Ledgers;

namespace OrleansAlign.Client.Tests.Cluster;

/// <summary>A silo in this process whose gateway the program connects to; ledgers in SQLite, all other state in memory.</summary>
internal sealed class SmallSilo : IAsyncDisposable
{
    public const string Token = "open sesame";

    private readonly IHost host;

    private SmallSilo(IHost host, string address) => (this.host, Address) = (host, address);

    /// <summary>HOST:PORT of the gateway.</summary>
    public string Address { get; }

    public static async Task<SmallSilo> StartAsync(string storage, string? version = null)
    {
        int gateway = FreePort();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), gateway, primarySiloEndpoint: null, serviceId: "align", clusterId: "align");
            silo.AddMemoryGrainStorage(GrainHosting.StorageName).UseInMemoryReminderService();
            silo.AddIncomingGrainCallFilter(new TokenFilter());
            silo.AddAlign(
                new GrainHostOptions
                {
                    SiloName = "small", Version = version ?? ProgramVersion.Text, Storage = storage,
                    Devices = ["cpu"], Threads = 1, Drain = TimeSpan.FromSeconds(5),
                },
                _ => new SqliteLedgers(Path.Combine(storage, "ledgers")), EngineCatalog.Managed);
        });
        IHost host = builder.Build();
        await host.StartAsync();
        return new SmallSilo(host, $"127.0.0.1:{gateway}");
    }

    /// <summary>Runs the program against this silo.</summary>
    public Task<Ending> AlignAsync(params string[] args) => Align.RunAsync(null, [.. args, "--cluster", Address, "--token", Token]);

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Asks clients for the token, as the real silo's filter does; only the silo's own client, which runs in its process, needs none.</summary>
    private sealed class TokenFilter : IIncomingGrainCallFilter
    {
        public Task Invoke(IIncomingGrainCallContext context)
        {
            bool isOwn = context.SourceId is not { } source || !source.IsClient() || source.ToString().Contains("hosted", StringComparison.Ordinal);
            return isOwn || RequestContext.Get(ControlToken.Key) as string == Token
                ? context.Invoke()
                : throw new UnauthorizedAccessException("wrong token: it is not the one that the silos have");
        }
    }
}
