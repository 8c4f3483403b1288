using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime.Membership;
using Orleans.Runtime.MembershipService;
using Orleans.Storage;
using OrleansAlign.Silo.Schema;
using OrleansAlign.Tests;
using Told = Microsoft.Extensions.Options.Options;

namespace OrleansAlign.Silo.Tests.Schema;

/// <summary>A silo whose clustering, storage and reminders are Orleans' own providers over our schema, so that the providers' code runs every query.</summary>
/// <param name="server">The database server.</param>
public sealed class ProviderSilo(PostgresServer server) : IAsyncLifetime
{
    private const string Invariant = "Npgsql";

    private IHost? host;

    internal string Database { get; private set; } = "";

    internal IReminderTable Reminders => host!.Services.GetRequiredService<IReminderTable>();

    internal ILoggerFactory Logs => host!.Services.GetRequiredService<ILoggerFactory>();

    internal IManagementGrain Management => host!.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);

    internal IGrainStorage Storage(string name) => host!.Services.GetRequiredKeyedService<IGrainStorage>(name);

    /// <summary>The membership table of a cluster of its own.</summary>
    internal async Task<IMembershipTable> MembershipAsync(string cluster)
    {
        AdoNetClusteringTable table = new(
            host!.Services, Told.Create(new ClusterOptions { ClusterId = cluster, ServiceId = "test" }),
            Told.Create(new AdoNetClusteringSiloOptions { Invariant = Invariant, ConnectionString = Database }), Logs.CreateLogger<AdoNetClusteringTable>());
        await table.InitializeMembershipTableAsync(true);
        return table;
    }

    /// <summary>The list of gateways that a client of that cluster reads.</summary>
    internal async Task<IGatewayListProvider> GatewaysAsync(string cluster)
    {
        AdoNetGatewayListProvider gateways = new(
            Logs.CreateLogger<AdoNetGatewayListProvider>(), host!.Services,
            Told.Create(new AdoNetClusteringClientOptions { Invariant = Invariant, ConnectionString = Database }),
            Told.Create(new GatewayOptions()), Told.Create(new ClusterOptions { ClusterId = cluster, ServiceId = "test" }));
        await gateways.InitializeGatewayListProvider();
        return gateways;
    }

    public async Task InitializeAsync()
    {
        if (PostgresServer.Missing is not null) return;
        string database = server.CreateDatabase();
        await OrleansSchema.EnsureAsync(database);
        Database = OrleansSchema.ConnectionString(database);
        host = new HostBuilder().ConfigureLogging(log => log.SetMinimumLevel(LogLevel.None)).UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = ("own", "test"));
            silo.ConfigureEndpoints(System.Net.IPAddress.Loopback, Ports.Free(), Ports.Free());
            silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Invariant, Database));
            silo.UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (Invariant, Database));
            silo.AddAdoNetGrainStorage("keeps", o => (o.Invariant, o.ConnectionString) = (Invariant, Database));
            silo.AddAdoNetGrainStorage("deletes", o => (o.Invariant, o.ConnectionString, o.DeleteStateOnClear) = (Invariant, Database, true));
        }).Build();
        await host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (host is not null)
        {
            await host.StopAsync();
            host.Dispose();
        }
    }
}
