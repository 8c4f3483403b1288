using System.Diagnostics;
using System.Net;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Tests;
using Xunit.Abstractions;

namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>The program as it is run: processes, sockets, signals, a database server.</summary>
[Collection(nameof(PostgresGroup))]
public sealed class SiloTests(PostgresServer server, ITestOutputHelper output)
{
    [PostgresFact]
    public async Task A_silo_alone_says_what_it_is_and_answers_metrics_and_health()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started silo = silos.Start("alone");

        output.WriteLine(await silo.Process.ActiveAsync());
        await Until.TrueAsync("ready", async () => await silos.GetAsync(silo.Url + "/health/ready") is (200, "ready\n"));

        Assert.Equal((200, "alive\n"), await silos.GetAsync(silo.Url + "/health/live"));
        string metrics = (await silos.GetAsync(silo.Url + "/metrics")).Text;
        Assert.Contains("\nalign_queue_length{", metrics, StringComparison.Ordinal);
        Assert.Contains("\norleans_", metrics, StringComparison.Ordinal);
        Assert.Contains("\ndotnet_", metrics, StringComparison.Ordinal);

        string[] said = ["role: both; silo alone", "addresses: silos 127.0.0.1:", "clustering: on this machine, this silo is the first", "database: PostgreSQL at 127.0.0.1:", "storage: /", "device slots: 1 (managed)", "token: no; TLS: no"];
        Assert.All(said, part => Assert.Single(silo.Process.Lines, line => line.Contains(part, StringComparison.Ordinal)));
        Assert.All(silo.Process.Lines, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ", line));
        Assert.DoesNotContain(silo.Process.Lines, line => line.Contains(PostgresServer.Password, StringComparison.Ordinal) || line.Contains(" warn: ", StringComparison.Ordinal) || line.Contains(" fail: ", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task Silos_that_start_at_once_make_the_schema_once_and_are_one_cluster()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started[] all = [silos.Start("c0", "Role=coordinator", "Clustering=postgres"), silos.Start("d0", "Role=device", "Clustering=postgres"), silos.Start("d1", "Role=device", "Devices=managed,managed", "Clustering=postgres")];
        foreach (SmallSilos.Started silo in all) output.WriteLine(await silo.Process.ActiveAsync());
        IClusterClient client = await silos.ClientAsync(all[0].Gateway);

        ClusterInfo info = await Until.SoAsync("three silos with three slots", async () =>
            await client.GetGrain<IClusterGrain>(GrainKeys.Cluster).HelloAsync() is { Silos.Count: 3, Slots.Count: 3 } whole ? whole : null);

        Assert.Equal(["c0", "d0", "d1"], info.Silos.Order());
        Assert.Equal(["slot/d0/0", "slot/d1/0", "slot/d1/1"], info.Slots.Select(s => s.Key).Order());
        foreach (SmallSilos.Started silo in all) await Until.TrueAsync("ready", async () => (await silos.GetAsync(silo.Url + "/health/ready")).Status == 200);
    }

    [PostgresFact]
    public async Task Silos_of_one_machine_need_no_membership_table()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started first = silos.Start("first");
        await first.Process.ActiveAsync();
        SmallSilos.Started second = silos.Start("second", $"Primary=127.0.0.1:{first.SiloPort}");
        await second.Process.ActiveAsync();
        IClusterClient client = await silos.ClientAsync(first.Gateway);

        await Until.TrueAsync("two silos", async () => (await client.GetGrain<IClusterGrain>(GrainKeys.Cluster).HelloAsync()).Silos.Count == 2);

        Assert.Empty(silos.With(SiloStatus.Active));
    }

    [PostgresFact]
    public async Task A_killed_silo_is_missed_within_seconds_and_its_grains_come_back_elsewhere()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started stays = silos.Start("stays", "Clustering=postgres"), goes = silos.Start("goes", "Clustering=postgres");
        await stays.Process.ActiveAsync();
        await goes.Process.ActiveAsync();
        await Until.TrueAsync("both active", () => Task.FromResult(silos.With(SiloStatus.Active).Length == 2));
        IClusterClient client = await silos.ClientAsync(stays.Gateway);
        await Until.TrueAsync("two silos", async () => (await client.GetGrain<IClusterGrain>(GrainKeys.Cluster).HelloAsync()).Silos.Count == 2);

        long killed = Stopwatch.GetTimestamp();
        await goes.Process.SignalAsync("KILL");
        await Until.TrueAsync("declared dead", () => Task.FromResult(silos.With(SiloStatus.Dead) is ["goes"]));
        TimeSpan missed = Stopwatch.GetElapsedTime(killed);
        await Until.TrueAsync("one silo", async () => (await client.GetGrain<IClusterGrain>(GrainKeys.Cluster).HelloAsync()).Silos is ["stays"]);
        TimeSpan answered = Stopwatch.GetElapsedTime(killed);

        output.WriteLine($"declared dead {missed.TotalSeconds:0.0} s after SIGKILL, the cluster grain answers after {answered.TotalSeconds:0.0} s");
        Assert.True(missed < TimeSpan.FromSeconds(20), $"{missed}");
    }

    [PostgresFact]
    public async Task A_signal_lets_a_silo_leave_and_its_exit_code_is_0()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started stays = silos.Start("stays", "Clustering=postgres"), leaves = silos.Start("leaves", "Clustering=postgres");
        await stays.Process.ActiveAsync();
        await leaves.Process.ActiveAsync();

        long told = Stopwatch.GetTimestamp();
        await leaves.Process.SignalAsync("TERM");
        int code = await leaves.Process.EndAsync();
        TimeSpan took = Stopwatch.GetElapsedTime(told);

        output.WriteLine($"left {took.TotalSeconds:0.0} s after SIGTERM");
        Assert.True(code == 0, string.Join('\n', leaves.Process.Lines));
        Assert.True(took < TimeSpan.FromSeconds(5 + 10 + 5 + 5), $"{took}");
        Assert.Equal(["leaves"], silos.With(SiloStatus.Dead));
        Assert.Contains(leaves.Process.Lines, l => l.EndsWith("silo leaves has left the cluster", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_second_signal_ends_a_silo_that_cannot_leave()
    {
        using PostgresServer own = new();
        await using SmallSilos silos = new(own);
        SmallSilos.Started silo = silos.Start("stuck", "Clustering=postgres", "DrainSeconds=600");
        await silo.Process.ActiveAsync();

        // Without the database it cannot be told to the others that this silo leaves.
        own.Stop();
        await silo.Process.SignalAsync("TERM");
        await silo.Process.LineAsync("finishing, then leaving the cluster, within 610 s");
        await silo.Process.SignalAsync("INT");

        Assert.Equal(1, await silo.Process.EndAsync());
        Assert.Contains(silo.Process.Lines, l => l.EndsWith("SIGINT again: ending at once", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_client_without_the_token_or_with_another_is_turned_away_and_one_with_it_is_not()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started silo = silos.Start("guarded", "Token=open-sesame");
        await silo.Process.ActiveAsync();
        IClusterClient without = await silos.ClientAsync(silo.Gateway), wrong = await silos.ClientAsync(silo.Gateway, "close-sesame"), right = await silos.ClientAsync(silo.Gateway, "open-sesame");

        UnauthorizedAccessException none = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Hello(without)), other = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Hello(wrong));

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
        using HttpResponseMessage page = await silos.Http.SendAsync(byHeader), once = await silos.Http.GetAsync(new Uri(dashboard + "?token=open-sesame&page=1"));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal((HttpStatusCode.Redirect, "/dashboard/?page=1"), (once.StatusCode, once.Headers.Location?.ToString()));
        string cookie = Assert.Single(once.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("open-sesame", cookie, StringComparison.Ordinal);

        using HttpRequestMessage byCookie = new(HttpMethod.Get, silo.Url + "/dashboard/DashboardCounters");
        byCookie.Headers.Add("Cookie", cookie.Split(';')[0]);
        using HttpResponseMessage counters = await silos.Http.SendAsync(byCookie);
        Assert.Equal(HttpStatusCode.OK, counters.StatusCode);
        Assert.Contains("guarded", await counters.Content.ReadAsStringAsync(), StringComparison.Ordinal);
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
    public async Task A_silo_whose_database_goes_is_not_ready_until_it_comes_back()
    {
        using PostgresServer own = new();
        await using SmallSilos silos = new(own);
        SmallSilos.Started silo = silos.Start("waiting");
        await silo.Process.ActiveAsync();
        await Until.TrueAsync("ready", async () => (await silos.GetAsync(silo.Url + "/health/ready")).Status == 200);

        own.Stop();
        (_, string text) = await Until.SoAsync<Tuple<int, string>>("not ready", async () => await silos.GetAsync(silo.Url + "/health/ready") is (503, { } why) ? Tuple.Create(503, why) : null);
        Assert.StartsWith("the database does not answer", text, StringComparison.Ordinal);
        Assert.Equal(200, (await silos.GetAsync(silo.Url + "/health/live")).Status);

        own.Start();
        await Until.TrueAsync("ready again", async () => (await silos.GetAsync(silo.Url + "/health/ready")).Status == 200);
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_one_line_and_exit_code_2()
    {
        string storage = Directory.CreateTempSubdirectory("align-silo-").FullName;
        using SiloProcess silo = SiloProcess.Start(
            $"Storage={storage}", $"Database=Host=127.0.0.1;Port={Ports.Free()};Database=runs;Username=me;Password=hush", $"SiloPort={Ports.Free()}", $"GatewayPort={Ports.Free()}", $"HttpPort={Ports.Free()}");

        Assert.Equal(2, await silo.EndAsync());

        string line = Assert.Single(silo.Lines);
        Assert.Matches("^align-silo: Align:Database: .*127.0.0.1:[0-9]+, database runs, user me", line);
        Assert.DoesNotContain("hush", line, StringComparison.Ordinal);
        Directory.Delete(storage);
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_before_anything_starts()
    {
        using SiloProcess silo = SiloProcess.Start("Role=worker", "Listen=0.0.0.0", "--role=both");

        Assert.Equal(2, await silo.EndAsync());

        Assert.All(silo.Lines, line => Assert.StartsWith("align-silo: ", line, StringComparison.Ordinal));
        Assert.All(["--role=both", "Align:Role ", "Align:Listen ", "Align:Database ", "Align:Storage "], part => Assert.Contains(silo.Lines, line => line.Contains(part, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Help_and_version_need_nothing()
    {
        using SiloProcess help = SiloProcess.Start("--help"), version = SiloProcess.Start("--version");

        Assert.Equal((0, 0), (await help.EndAsync(), await version.EndAsync()));
        Assert.Contains(help.Lines, line => line.Contains("Align:DrainSeconds", StringComparison.Ordinal));
        Assert.Equal("align-silo 0.1.0", Assert.Single(version.Lines));
    }
}
