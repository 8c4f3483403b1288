using System.Diagnostics;
using OrleansAlign.Embedded;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Ledgers;
using OrleansAlign.Tests;
using Xunit.Abstractions;

namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>A silo without set-up: what it keeps in its folder, and that a second one needs PostgreSQL.</summary>
public sealed class FolderSiloTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_silo_without_a_database_says_what_it_is_and_answers_metrics_and_health()
    {
        await using SmallSilos silos = new();
        SmallSilos.Started silo = silos.Start("alone");

        output.WriteLine(await silo.Process.ActiveAsync());
        await Until.TrueAsync("ready", async () => await silos.GetAsync(silo.Url + "/health/ready") is (200, "ready\n"));

        string metrics = (await silos.GetAsync(silo.Url + "/metrics")).Text;
        Assert.All(["orleans_", "dotnet_"], meter => Assert.Contains("\n" + meter, metrics, StringComparison.Ordinal));
        string[] said =
        [
            "role: both; silo alone", "clustering: on this machine, this silo is the first",
            $"storage: {silos.Storage}, with ledgers and grain state in SQLite", "token: no; TLS: no",
        ];
        Assert.All(said, part => Assert.Single(silo.Process.Lines, line => line.Contains(part, StringComparison.Ordinal)));
        Assert.All(silo.Process.Lines, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warn) ", line));
        Assert.DoesNotContain(silo.Process.Lines, line => line.Contains("Participant check thread", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_goes_on_as_soon_as_its_killed_silo_is_back_though_no_client_asks()
    {
        (string expected, string embedded) = await SmallSubmission.EmbeddedAsync(7);
        await using SmallSilos silos = new();
        SmallSilos.Started silo = silos.Start("alone");
        await silo.Process.ActiveAsync();
        IRunGrain run = (await silos.ClientAsync(silo.Gateway)).GetGrain<IRunGrain>(GrainKeys.Run("small"));
        await run.StartAsync(SmallSubmission.Lay(silos.Storage, 7, SiloHost.Version));
        await SurvivalTests.PlayedAsync(run, 10);

        await silo.Process.SignalAsync("KILL");
        await silo.Process.EndAsync();
        await silos.ForgetClientsAsync();
        silo = silos.Start(silo);
        await silo.Process.ActiveAsync();
        long active = Stopwatch.GetTimestamp();
        await silo.Process.LineAsync("run small: begins or goes on");
        TimeSpan woken = Stopwatch.GetElapsedTime(active);
        string line = await silo.Process.LineAsync("run small: finished with policy ");

        // The reminder comes a minute after the run was started; no client is connected.
        output.WriteLine($"goes on {woken.TotalSeconds:0.0} s after the silo became active");
        Assert.True(woken < TimeSpan.FromSeconds(15), $"{woken}");
        Assert.EndsWith(expected, line, StringComparison.Ordinal);
        await using SqliteLedger ledger = SqliteLedger.OpenToRead(Path.Combine(silos.Storage, "ledgers", "small.db"));
        await using SqliteLedger alone = SqliteLedger.OpenToRead(EmbeddedRun.LedgerPath(embedded));
        for (int round = 1; round <= 2; round++)
        {
            Assert.Equivalent(await alone.CompletionsAsync(1, round, 0, 100), await ledger.CompletionsAsync(1, round, 0, 100), strict: true);
            Assert.Equivalent(await alone.PairSetsAsync(1, round, 0, 100), await ledger.PairSetsAsync(1, round, 0, 100), strict: true);
        }

        Assert.Equal(await alone.VerdictCountAsync(), await ledger.VerdictCountAsync());
        run = (await silos.ClientAsync(silo.Gateway)).GetGrain<IRunGrain>(GrainKeys.Run("small"));
        Assert.Equal((RunPhase.Finished, expected), await run.StatusAsync() is var status ? (status.Phase, status.Policy) : default);
    }

    [Fact]
    public async Task A_second_silo_on_the_folder_is_refused_in_one_line()
    {
        await using SmallSilos silos = new();
        SmallSilos.Started first = silos.Start("first");
        await first.Process.ActiveAsync();
        SmallSilos.Started second = silos.Start("second");

        Assert.Equal(SiloHost.Misconfigured, await second.Process.EndAsync());
        Assert.Contains("a second silo needs PostgreSQL: start every silo with --Align:Clustering=postgres --Align:Database=",
            Assert.Single(second.Process.Lines), StringComparison.Ordinal);
    }
}
