using System.Diagnostics;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Tests;
using Xunit.Abstractions;

namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>The program as it is run: processes, sockets, a database server.</summary>
[Collection(nameof(PostgresGroup))]
public sealed class SiloTests(PostgresServer server, ITestOutputHelper output)
{
    [PostgresFact]
    public async Task A_second_silo_of_one_name_is_refused_while_the_first_is_running()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started first = silos.Start("twin", "Clustering=postgres");
        await first.Process.ActiveAsync();
        SmallSilos.Started second = silos.Start("twin", "Clustering=postgres");

        Assert.Equal(SiloHost.Misconfigured, await second.Process.EndAsync());
        Assert.Contains($"Align:SiloName is twin, as is that of the silo at 127.0.0.1:{first.SiloPort}, which is running",
            Assert.Single(second.Process.Lines), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_silo_alone_says_what_it_is_and_answers_metrics_and_health()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started silo = silos.Start("alone");

        output.WriteLine(await silo.Process.ActiveAsync());
        await Until.TrueAsync("ready", async () => await silos.GetAsync(silo.Url + "/health/ready") is (200, "ready\n"));

        string metrics = (await silos.GetAsync(silo.Url + "/metrics")).Text;
        Assert.All(["orleans_", "dotnet_"], meter => Assert.Contains("\n" + meter, metrics, StringComparison.Ordinal));
        Assert.Equal((200, "alive\n"), await silos.GetAsync(silo.Url + "/health/live"));

        string[] said =
        [
            "role: both; silo alone", "addresses: silos 127.0.0.1:", "clustering: on this machine, this silo is the first",
            "database: PostgreSQL at 127.0.0.1:", "storage: /", "device slots: 1 (managed)", "token: no; TLS: no",
        ];
        Assert.All(said, part => Assert.Single(silo.Process.Lines, line => line.Contains(part, StringComparison.Ordinal)));
        Assert.All(silo.Process.Lines, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warn) ", line));
        Assert.DoesNotContain(silo.Process.Lines, line => line.Contains(PostgresServer.Password, StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task Silos_that_start_at_once_make_the_schema_once_and_are_one_cluster()
    {
        await using SmallSilos silos = new(server);
        SmallSilos.Started[] all =
        [
            silos.Start("c0", "Role=coordinator", "Clustering=postgres"),
            silos.Start("d0", "Role=device", "Clustering=postgres"),
            silos.Start("d1", "Role=device", "Devices=managed,managed", "Clustering=postgres"),
        ];
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
        SmallSilos.Started stays = silos.Start("stays", "Clustering=postgres", "ProbeSeconds=1");
        SmallSilos.Started goes = silos.Start("goes", "Clustering=postgres", "ProbeSeconds=1");
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
    public async Task A_silo_whose_database_goes_is_not_ready_until_it_comes_back()
    {
        using PostgresServer own = new();
        await using SmallSilos silos = new(own);
        SmallSilos.Started silo = silos.Start("waiting");
        await silo.Process.ActiveAsync();
        await Until.TrueAsync("ready", async () => (await silos.GetAsync(silo.Url + "/health/ready")).Status == 200);

        own.Stop();
        (_, string text) = await Until.SoAsync<Tuple<int, string>>(
            "not ready", async () => await silos.GetAsync(silo.Url + "/health/ready") is (503, { } why) ? Tuple.Create(503, why) : null);
        Assert.StartsWith("the database does not answer", text, StringComparison.Ordinal);
        Assert.Equal(200, (await silos.GetAsync(silo.Url + "/health/live")).Status);

        own.Start();
        await Until.TrueAsync("ready again", async () => (await silos.GetAsync(silo.Url + "/health/ready")).Status == 200);
    }
}
