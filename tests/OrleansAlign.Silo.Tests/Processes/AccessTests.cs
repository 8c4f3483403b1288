using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Silo.Tests.Checks;
using OrleansAlign.Tests;

namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>Access to a silo: by token, by certificate, from this machine.</summary>
[Collection(nameof(PostgresGroup))]
public sealed class AccessTests(PostgresServer server)
{
    [PostgresFact]
    public async Task A_client_without_the_token_or_with_another_is_turned_away_and_one_with_it_is_not()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started silo = silos.Start("guarded", "Token=open-sesame");
        await silo.Process.ActiveAsync();
        IClusterClient without = await silos.ClientAsync(silo.Gateway), wrong = await silos.ClientAsync(silo.Gateway, "close-sesame");
        IClusterClient right = await silos.ClientAsync(silo.Gateway, "open-sesame");

        UnauthorizedAccessException none = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Hello(without));
        UnauthorizedAccessException other = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Hello(wrong));

        Assert.StartsWith("this cluster asks its clients for a token, and none was sent", none.Message, StringComparison.Ordinal);
        Assert.StartsWith("wrong token", other.Message, StringComparison.Ordinal);
        Assert.Equal(["guarded"], (await Hello(right)).Silos);
        await Until.TrueAsync("ready", async () => (await silos.GetAsync(silo.Url + "/health/ready")).Status == 200);

        static Task<ClusterInfo> Hello(IClusterClient client) => client.GetGrain<IClusterGrain>(GrainKeys.Cluster).HelloAsync();
    }

    [PostgresFact]
    public async Task The_dashboard_opens_to_the_token()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started silo = silos.Start("guarded", "Token=open-sesame");
        await silo.Process.ActiveAsync();
        string dashboard = silo.Url + "/dashboard/";

        Assert.Equal(401, (await silos.GetAsync(dashboard)).Status);
        Assert.Equal(401, (await silos.GetAsync(dashboard + "?token=close-sesame")).Status);
        Assert.Equal(401, (await silos.GetAsync(silo.Url + "/dashboard/DashboardCounters")).Status);
        using HttpRequestMessage byHeader = new(HttpMethod.Get, dashboard);
        byHeader.Headers.Authorization = new("Bearer", "open-sesame");
        using HttpResponseMessage page = await silos.Http.SendAsync(byHeader);
        using HttpResponseMessage once = await silos.Http.GetAsync(new Uri(dashboard + "?token=open-sesame&page=1"));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal((HttpStatusCode.Redirect, "/dashboard/?page=1"), (once.StatusCode, once.Headers.Location?.ToString()));
        string cookie = Assert.Single(once.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("open-sesame", cookie, StringComparison.Ordinal);

        using HttpRequestMessage byCookie = new(HttpMethod.Get, silo.Url + "/dashboard/DashboardCounters");
        byCookie.Headers.Add("Cookie", cookie.Split(';')[0]);
        using HttpResponseMessage counters = await silos.Http.SendAsync(byCookie);
        Assert.Equal(HttpStatusCode.OK, counters.StatusCode);
        Assert.Contains("\"hosts\":", await counters.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Without_a_token_the_dashboard_is_for_this_machine_by_its_own_name()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started silo = silos.Start("open");
        await silo.Process.ActiveAsync();
        using HttpRequestMessage rebound = new(HttpMethod.Get, silo.Url + "/dashboard/");
        rebound.Headers.Host = "evil.example";

        using HttpResponseMessage refused = await silos.Http.SendAsync(rebound);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(200, (await silos.GetAsync(silo.Url + "/dashboard/")).Status);
    }

    [PostgresFact]
    public async Task Silos_and_clients_with_certificates_of_one_authority_talk_and_others_do_not()
    {
        await using SmallSilos silos = new(server);
        using X509Certificate2 authority = Certificates.Authority("ours"), guest = Certificates.Signed(authority, "guest");
        using X509Certificate2 one = Certificates.Signed(authority, "silo-1"), two = Certificates.Signed(authority, "silo-2");
        string ca = authority.WritePem(At("ca.pem"));
        SmallSilos.Started first = silos.Start(
            "first", "Clustering=postgres", $"Tls:Certificate={one.WritePkcs12(At("one.pfx"), "open")}", "Tls:Password=open", $"Tls:Authority={ca}");
        SmallSilos.Started second = silos.Start(
            "second", "Clustering=postgres", $"Tls:Certificate={two.WritePem(At("two.pem"))}", $"Tls:Key={two.WriteKey(At("two.key"))}", $"Tls:Authority={ca}");
        await first.Process.ActiveAsync();
        await second.Process.ActiveAsync();

        IClusterClient known = await silos.ClientAsync(first.Gateway, configure: client => client.UseTls(guest, o =>
        {
            o.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
            o.RemoteCertificateValidation = (shown, _, _) => shown.Issuer == "CN=ours";
            o.OnAuthenticateAsClient = (_, ssl) => ssl.TargetHost = "align";
        }));

        await Until.TrueAsync("two silos", async () => (await known.GetGrain<IClusterGrain>(GrainKeys.Cluster).HelloAsync()).Silos.Count == 2);
        using TcpClient plain = new();
        await plain.ConnectAsync("127.0.0.1", first.Gateway);
        using SslStream stranger = new(plain.GetStream(), false, (_, shown, _, _) => shown is not null);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await stranger.AuthenticateAsClientAsync("align");
            Assert.NotEqual(0, await stranger.ReadAsync(new byte[1]).AsTask().WaitAsync(Until.Patience));
        });

        string At(string name) => Path.Combine(silos.Storage, name);
    }
}
