using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Wire;
using OrleansAlign.Silo.Schema;
using OrleansAlign.Tests;

namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>Silos that share one database and one folder, and clients of these silos.</summary>
internal sealed class SmallSilos : IAsyncDisposable
{
    private readonly PostgresServer? server;
    private readonly List<ProgramProcess> silos = [];
    private readonly List<IHost> clients = [];

    /// <summary>Silos over a database of a server, or one silo over its folder.</summary>
    public SmallSilos(PostgresServer? server = null)
    {
        this.server = server;
        if (server is not null) Database = server.CreateDatabase();
    }

    public string Database { get; } = "";

    public string Storage { get; } = Directory.CreateTempSubdirectory("align-silos-").FullName;

    public HttpClient Http { get; } = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>
    /// Starts a silo without waiting for it. Its probes may take longer than by default: tests share the processor, so answers may be late without being
    /// lost.
    /// </summary>
    public Started Start(string name, params string[] settings) => Start(new Started(null!, name, Ports.Free(), Ports.Free(), Ports.Free(), settings));

    /// <summary>Starts a silo again that was killed: of the same name, at the same ports, with the same settings.</summary>
    public Started Start(Started before)
    {
        ProgramProcess process = ProgramProcess.Silo([
            $"SiloName={before.Name}", .. server is null ? (string[])[] : [$"Database={Database}"], $"Storage={Storage}",
            $"SiloPort={before.SiloPort}", $"GatewayPort={before.Gateway}", $"HttpPort={before.HttpPort}",
            "Threads=1", "DrainSeconds=5", "ProbeSeconds=5", .. before.Settings]);
        silos.Add(process);
        return before with { Process = process };
    }

    /// <summary>A client of the cluster, by one silo's gateway.</summary>
    public Task<IClusterClient> ClientAsync(int gateway, string? token = null, Action<IClientBuilder>? configure = null) =>
        ClientAsync([gateway], token, configure);

    /// <summary>A client of the cluster, by the gateways of several silos.</summary>
    public async Task<IClusterClient> ClientAsync(IReadOnlyList<int> gateways, string? token = null, Action<IClientBuilder>? configure = null)
    {
        IHost host = new HostBuilder().ConfigureLogging(log => log.SetMinimumLevel(LogLevel.None)).UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = ("align", "align"));
            client.UseStaticClustering([.. gateways.Select(gateway => new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, gateway))]);
            if (token is not null) client.AddOutgoingGrainCallFilter(new ControlTokenSender(token));
            client.Services.AddDomainJson();
            configure?.Invoke(client);
        }).Build();
        clients.Add(host);
        await host.StartAsync().WaitAsync(Until.Patience);
        return host.Services.GetRequiredService<IClusterClient>();
    }

    /// <summary>Status and text of an HTTP response.</summary>
    public async Task<(int Status, string Text)> GetAsync(string url)
    {
        using HttpResponseMessage response = await Http.GetAsync(new Uri(url));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The names of the silos with a status, by the membership table.</summary>
    public string[] With(SiloStatus status) =>
        server!.Execute(
            new NpgsqlConnectionStringBuilder(Database).Database!, $"SELECT name FROM {OrleansSchema.Name}.silo WHERE status = {(int)status} ORDER BY name")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Ends the clients.</summary>
    public async Task ForgetClientsAsync()
    {
        // A client whose silos are gone may wait for them as it ends; its end does not matter to the test.
        foreach (IHost client in clients) await ((IAsyncDisposable)client).DisposeAsync();
        clients.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await ForgetClientsAsync();
        foreach (ProgramProcess silo in silos) silo.Dispose();
        Http.Dispose();
        Directory.Delete(Storage, recursive: true);
    }

    /// <summary>A silo that was started.</summary>
    internal sealed record Started(ProgramProcess Process, string Name, int SiloPort, int Gateway, int HttpPort, string[] Settings)
    {
        public string Url => $"http://127.0.0.1:{HttpPort}";
    }
}
