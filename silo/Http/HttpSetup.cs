using System.Net;
using OpenTelemetry.Metrics;
using Orleans.Dashboard;
using OrleansAlign.Silo.Control;
using OrleansAlign.Silo.Options;

namespace OrleansAlign.Silo.Http;

/// <summary>A silo's HTTP endpoints: metrics, health, the dashboard.</summary>
internal static class HttpSetup
{
    /// <summary>The meters that <c>/metrics</c> shows.</summary>
    private static readonly string[] Meters = ["OrleansAlign", "Microsoft.Orleans", "System.Runtime"];

    /// <summary>
    /// Adds the endpoints to a host. Added before the silo, they start before it and end after it, so that a starting or draining silo answers too.
    /// </summary>
    public static IHostBuilder UseHttp(this IHostBuilder host, SiloSettings options) => host.ConfigureWebHost(web => web
        .UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(new IPEndPoint(options.Listen, options.HttpPort));
        })
        .ConfigureServices(services =>
        {
            services.AddRouting();
            services.AddSingleton<SiloHealth>();
            services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(Meters).AddPrometheusExporter());
        })
        .Configure(app =>
        {
            TokenCheck? check = options.Token is { } token ? new TokenCheck(token) : null;
            app.Use(next => new DashboardGuard(next, check).InvokeAsync);
            app.UseRouting();
            app.UseEndpoints(Map);
        }));

    private static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPrometheusScrapingEndpoint("/metrics");
        routes.MapGet("/health/live", () => Results.Text("alive\n"));
        routes.MapGet("/health/ready", async (SiloHealth health) =>
        {
            IReadOnlyList<string> problems = await health.ProblemsAsync().ConfigureAwait(false);
            return problems.Count == 0
                ? Results.Text("ready\n")
                : Results.Text(string.Concat(problems.Select(p => p + "\n")), statusCode: StatusCodes.Status503ServiceUnavailable);
        });
        routes.MapOrleansDashboard(DashboardGuard.Path);
    }
}
