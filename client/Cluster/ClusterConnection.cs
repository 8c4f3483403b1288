using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Wire;

namespace OrleansAlign.Client.Cluster;

/// <summary>A connection to a cluster whose silos are of this program's version and accept its token.</summary>
internal sealed class ClusterConnection : IAsyncDisposable
{
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(250), TimeToEnd = TimeSpan.FromSeconds(2);

    private readonly ServiceProvider services;
    private readonly RefusalWatch refusals = new();

    private ClusterConnection(ClusterAccess access, IReadOnlyList<IPEndPoint> gateways, TimeProvider time) =>
        services = Build(access, gateways, refusals, time);

    /// <summary>The cluster's grains.</summary>
    public IGrainFactory Grains => services.GetRequiredService<IClusterClient>();

    /// <summary>Connects, and checks the cluster's version.</summary>
    /// <exception cref="BadInputException">No silo answers, or it refuses this program: the message says why and what to do.</exception>
    public static async Task<ClusterConnection> OpenAsync(ClusterAccess access, TimeProvider time, CancellationToken cancel)
    {
        IReadOnlyList<IPEndPoint> gateways = await ListeningAsync(access, time, cancel).ConfigureAwait(false);
        using var patience = new CancellationTokenSource(access.AnswerPatience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        var connection = new ClusterConnection(access, gateways, time);
        try
        {
            await connection.StartAsync(both.Token).ConfigureAwait(false);
            ClusterInfo info = await connection.Grains.GetGrain<IClusterGrain>(GrainKeys.Cluster).HelloAsync().WaitAsync(both.Token).ConfigureAwait(false);
            if (info.Version != ProgramVersion.Text)
            {
                throw new BadInputException(
                    $"the cluster at {access.Addresses} is version {info.Version}, this program is {ProgramVersion.Text}; use the same");
            }

            return connection;
        }
        catch (Exception error)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            if (error is BadInputException) throw;
            throw new BadInputException(error is UnauthorizedAccessException
                ? $"the cluster at {access.Addresses}: {error.Message.TrimEnd('.')}; give the token by --token or the environment variable ALIGN_TOKEN"
                : $"something listens at {access.Addresses}, "
                    + $"but no silo of cluster {access.ClusterId} answers within {access.AnswerPatience.TotalSeconds:F0} s; "
                    + $"check the port (Align:GatewayPort), --cluster-id and --tls{Detail(error)}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeToEnd);
            foreach (IHostedService service in services.GetServices<IHostedService>())
            {
                await service.StopAsync(limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            }

            await services.DisposeAsync().AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or OrleansException or InvalidOperationException
            or NullReferenceException or ObjectDisposedException)
        {
            // The process is about to end, and the silo notices that the connection closes.
        }
    }

    /// <summary>The gateways that accept connections; waits until at least one does.</summary>
    private static async Task<IReadOnlyList<IPEndPoint>> ListeningAsync(ClusterAccess access, TimeProvider time, CancellationToken cancel)
    {
        IReadOnlyList<IPEndPoint> gateways = await access.ResolveAsync(cancel).ConfigureAwait(false);
        using var patience = new CancellationTokenSource(access.Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        using var tick = new PeriodicTimer(BetweenAttempts, time);
        try
        {
            while (true)
            {
                bool[] listens = await Task.WhenAll(gateways.Select(gateway => ListensAsync(gateway, both.Token))).ConfigureAwait(false);
                if (listens.Contains(true)) return [.. gateways.Where((_, i) => listens[i])];
                await tick.WaitForNextTickAsync(both.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new BadInputException($"no silo answers at {access.Addresses} within {access.Patience.TotalSeconds:F0} s; "
                + "start one with ./align silo, or correct --cluster: it is a silo's address and Align:GatewayPort");
        }
    }

    private static async Task<bool> ListensAsync(IPEndPoint gateway, CancellationToken patience)
    {
        try
        {
            using var socket = new Socket(gateway.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(gateway, patience).ConfigureAwait(false);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static ServiceProvider Build(ClusterAccess access, IReadOnlyList<IPEndPoint> gateways, RefusalWatch refusals, TimeProvider time)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddDomainJson();
        services.AddOrleansClient(client =>
        {
            client.UseStaticClustering([.. gateways]);
            client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (access.ClusterId, access.ClusterId));
            client.UseConnectionRetryFilter((_, stop) => RetryAsync(time, stop));
            client.AddOutgoingGrainCallFilter(refusals);
            if (access.Token is { } token) client.AddOutgoingGrainCallFilter(new ControlTokenSender(token));
            access.Tls?.Apply(client, access.Parse()[0].Host);
        });
        return services.BuildServiceProvider();
    }

    private static async Task<bool> RetryAsync(TimeProvider time, CancellationToken stop)
    {
        using var tick = new PeriodicTimer(BetweenAttempts, time);
        return await tick.WaitForNextTickAsync(stop).ConfigureAwait(false);
    }

    private async Task StartAsync(CancellationToken patience)
    {
        foreach (IHostedService service in services.GetServices<IHostedService>())
        {
            Task started = service.StartAsync(patience);
            await (await Task.WhenAny(started, refusals.First).WaitAsync(patience).ConfigureAwait(false)).ConfigureAwait(false);
        }

        // A client that was told to stop while it looked for silos ends without an error.
        patience.ThrowIfCancellationRequested();
    }

    private static string Detail(Exception error) => error is OperationCanceledException ? "" : $" ({error.Message.TrimEnd('.')})";

    /// <summary>
    /// Reports the first call refused for its token. An Orleans client makes calls of its own as it starts, and would retry refused ones for ever.
    /// </summary>
    private sealed class RefusalWatch : IOutgoingGrainCallFilter
    {
        private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Fails at the first refusal.</summary>
        public Task First => first.Task;

        /// <inheritdoc/>
        public async Task Invoke(IOutgoingGrainCallContext context)
        {
            try
            {
                await context.Invoke().ConfigureAwait(false);
            }
            catch (UnauthorizedAccessException refused)
            {
                first.TrySetException(refused);
                throw;
            }
        }
    }
}
