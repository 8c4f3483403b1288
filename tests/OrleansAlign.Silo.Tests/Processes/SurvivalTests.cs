using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Embedded;
using OrleansAlign.Ledgers;
using OrleansAlign.Tests;
using Xunit.Abstractions;

namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>Runs on silos in processes of their own, over a real database, and how they go on when silos are killed.</summary>
[Collection(nameof(PostgresGroup))]
public sealed class SurvivalTests(PostgresServer server, ITestOutputHelper output)
{
    [PostgresFact]
    public async Task A_run_goes_on_to_the_same_policy_after_the_loss_of_a_device_silo_the_coordinator_and_all_silos()
    {
        (string expected, string embedded) = await SmallSubmission.EmbeddedAsync(7);
        await using SmallSilos silos = new(server);
        SmallSilos.Started coordinator = Start(silos, "c0", "coordinator"), first = Start(silos, "d0", "device"), second = Start(silos, "d1", "device");
        foreach (SmallSilos.Started silo in (SmallSilos.Started[])[coordinator, first, second]) await silo.Process.ActiveAsync();
        IRunGrain run = await SubmitAsync(silos, coordinator);

        await PlayedAsync(run, 10);
        await first.Process.SignalAsync("KILL");
        first = Start(silos, "d2", "device");
        await first.Process.ActiveAsync();

        await coordinator.Process.SignalAsync("KILL");
        coordinator = Start(silos, "c1", "coordinator");
        await coordinator.Process.ActiveAsync();
        run = await FindAsync(silos, coordinator);
        await Until.TrueAsync("running again", async () => (await run.StatusAsync()).Phase is RunPhase.Running or RunPhase.Finished);

        foreach (SmallSilos.Started silo in (SmallSilos.Started[])[coordinator, first, second]) await silo.Process.SignalAsync("KILL");
        (coordinator, first) = (Start(silos, "c2", "coordinator"), Start(silos, "d3", "device"));
        await coordinator.Process.ActiveAsync();
        await first.Process.ActiveAsync();
        run = await FindAsync(silos, coordinator);
        RunStatus status = await Until.SoAsync("finished", async () => await SmallSubmission.EndAsync(run) is { Phase: not RunPhase.Running } end ? end : null);

        output.WriteLine(string.Join('\n', coordinator.Process.Lines));
        Assert.Equal((null, expected), (status.Problem, status.Policy));
        await using PostgresLedgers ledgers = await PostgresLedgers.OpenAsync(silos.Database, TimeProvider.System);
        await using SqliteLedger alone = SqliteLedger.OpenToRead(EmbeddedRun.LedgerPath(embedded));
        IRunLedger ledger = ledgers.Open("small");
        for (int round = 1; round <= 2; round++)
        {
            Assert.Equivalent(await alone.CompletionsAsync(1, round, 0, 100), await ledger.CompletionsAsync(1, round, 0, 100), strict: true);
            Assert.Equivalent(await alone.PairSetsAsync(1, round, 0, 100), await ledger.PairSetsAsync(1, round, 0, 100), strict: true);
        }

        Assert.Equal(await alone.VerdictCountAsync(), await ledger.VerdictCountAsync());
    }

    [PostgresFact]
    public async Task A_database_that_is_away_for_twenty_seconds_delays_a_run_and_changes_nothing()
    {
        (string expected, _) = await SmallSubmission.EmbeddedAsync(7);
        using PostgresServer own = PostgresServer.Durable();
        await using SmallSilos silos = new(own);
        SmallSilos.Started silo = Start(silos, "waiting", "both");
        await silo.Process.ActiveAsync();
        IRunGrain run = await SubmitAsync(silos, silo);

        await PlayedAsync(run, 10);
        own.Stop(immediately: true);
        Task away = Task.Delay(TimeSpan.FromSeconds(20));
        await Until.TrueAsync("not ready", async () => (await silos.GetAsync(silo.Url + "/health/ready")).Status == 503);
        await away;
        own.Start();
        RunStatus status = await Until.SoAsync("finished", async () => await SmallSubmission.EndAsync(run) is { Phase: not RunPhase.Running } end ? end : null);

        Assert.Equal((null, expected), (status.Problem, status.Policy));
    }

    private static SmallSilos.Started Start(SmallSilos silos, string name, string role) => silos.Start(name, "Role=" + role, "Clustering=postgres");

    private static async Task<IRunGrain> FindAsync(SmallSilos silos, SmallSilos.Started at) =>
        (await silos.ClientAsync(at.Gateway)).GetGrain<IRunGrain>(GrainKeys.Run("small"));

    private static async Task<IRunGrain> SubmitAsync(SmallSilos silos, SmallSilos.Started at)
    {
        IRunGrain run = await FindAsync(silos, at);
        RunSubmission submission = SmallSubmission.Lay(silos.Storage, 7, SiloHost.Version);
        await Until.TrueAsync("started", async () =>
        {
            await run.StartAsync(submission);
            return true;
        });
        return run;
    }

    /// <summary>Waits until a number of the round's tournaments are done.</summary>
    internal static async Task PlayedAsync(IRunGrain run, int prompts)
    {
        for (long known = 0; ;)
        {
            RunNews news = await run.WatchAsync(known, TimeSpan.FromSeconds(10));
            known = news.Last;
            Assert.Equal(RunPhase.Running, news.Status.Phase);
            if (news.Events.OfType<RunEvent.Advanced>().Any(e => e.Activity == "play" && e.Done >= prompts)) return;
        }
    }
}
