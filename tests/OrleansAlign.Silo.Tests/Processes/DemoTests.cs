using System.Diagnostics;
using System.Text.Json;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Runs;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Embedded;
using OrleansAlign.Ledgers;
using OrleansAlign.Tests;
using Xunit.Abstractions;

namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>The demo as its users run it: by the console client, in one process and on clusters, with nothing made smaller.</summary>
[Collection(nameof(PostgresGroup))]
public sealed class DemoTests(PostgresServer server, ITestOutputHelper output) : IDisposable
{
    private const string Run = "demo-seed1";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly string folder = Directory.CreateTempSubdirectory("align-demo-").FullName;

    [PostgresFact]
    public async Task The_demo_ends_with_one_policy_in_one_process_on_one_silo_and_on_three_that_are_killed()
    {
        (string expected, TimeSpan embedded) = await DemoAsync("embedded");

        await using (SmallSilos one = new(server))
        {
            SmallSilos.Started silo = one.Start("alone", "Clustering=postgres", "Threads=0");
            await silo.Process.ActiveAsync();
            (string single, TimeSpan took) = await DemoAsync("single", "--cluster", At(silo));
            output.WriteLine($"embedded {embedded.TotalSeconds:F1} s, one silo {took.TotalSeconds:F1} s: {100 * ((took / embedded) - 1):F0} % more");
            Assert.Equal(expected, single);
        }

        await using SmallSilos three = new(server);
        SmallSilos.Started[] silos = [
            three.Start("c0", "Role=coordinator", "Clustering=postgres"), three.Start("d0", "Role=device", "Clustering=postgres", "Threads=2"),
            three.Start("d1", "Role=device", "Clustering=postgres", "Threads=2")];
        foreach (SmallSilos.Started silo in silos) await silo.Process.ActiveAsync();
        Task<(string Policy, TimeSpan Took)> demo = DemoAsync("killed", "--cluster", string.Join(',', silos.Select(At)));
        IRunGrain run = (await three.ClientAsync([.. silos.Select(s => s.Gateway)])).GetGrain<IRunGrain>(GrainKeys.Run(Run));

        await PlayedAsync(run, round: 1, prompts: 300, demo);
        await KillAndRestartAsync(1);
        await PlayedAsync(run, round: 2, prompts: 200, demo);
        await KillAndRestartAsync(0);
        await PlayedAsync(run, round: 3, prompts: 100, demo);
        await KillAndRestartAsync(0, 1, 2);

        Assert.Equal(expected, (await demo).Policy);
        await SameLedgersAsync(three.Database);

        async Task KillAndRestartAsync(params int[] which)
        {
            foreach (int i in which) await silos[i].Process.SignalAsync("KILL");
            foreach (int i in which) silos[i] = three.Start(silos[i]);
            foreach (int i in which) await silos[i].Process.ActiveAsync();
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string At(SmallSilos.Started silo) => $"127.0.0.1:{silo.Gateway}";

    /// <summary>Runs the demo by the client; the final policy's hash, and how long it took.</summary>
    private async Task<(string Policy, TimeSpan Took)> DemoAsync(string name, params string[] options)
    {
        string at = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        long began = Stopwatch.GetTimestamp();
        using ProgramProcess client = ProgramProcess.Client(at, ["demo", "--seed", "1", "--json", "report.json", .. options]);
        int code = await client.EndAsync(Patience);
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        Assert.True(code == 0, $"{name}: exit code {code}\n{string.Join('\n', client.Lines)}");
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(at, "report.json")));
        return (report.RootElement.GetProperty("policy").GetString()!, took);
    }

    /// <summary>Waits until some prompts of a round are played.</summary>
    private static async Task PlayedAsync(IRunGrain run, int round, int prompts, Task demo)
    {
        long began = Stopwatch.GetTimestamp(), known = 0;
        int now = 0;
        while (Stopwatch.GetElapsedTime(began) < Patience)
        {
            // The client's end, which can only be a failure here, says more than what follows from it.
            if (demo.IsCompleted) await demo;
            Assert.False(demo.IsCompleted, $"the demo ended before {prompts} prompts of round {round} were played");
            try
            {
                RunNews news = await run.WatchAsync(known, TimeSpan.FromSeconds(5));
                known = news.Last;
                foreach (RunEvent happened in news.Events)
                {
                    if (happened is RunEvent.Began begun) now = begun.Round;
                    if (now == round && happened is RunEvent.Advanced { Activity: "play" } play && play.Done >= prompts) return;
                }
            }
            catch (Exception error) when (error is RunRefusedException or OrleansException or TimeoutException)
            {
                // Not handed in yet, or its silo was just killed.
                await Task.Delay(50);
            }
        }

        Assert.Fail($"{prompts} prompts of round {round} were not played within {Patience}");
    }

    /// <summary>Each prompt has the one pair set that it has in the embedded run's ledger, and no verdict is missing or there twice.</summary>
    private async Task SameLedgersAsync(string database)
    {
        await using PostgresLedgers ledgers = await PostgresLedgers.OpenAsync(database, TimeProvider.System);
        await using SqliteLedger embedded = SqliteLedger.OpenToRead(EmbeddedRun.LedgerPath(Path.Combine(folder, "embedded", "runs", Run)));
        IRunLedger cluster = ledgers.Open(Run);
        for (int round = 1; round <= 3; round++)
        {
            IReadOnlyList<PairSetRow> expected = await embedded.PairSetsAsync(1, round, 0, int.MaxValue), played = await cluster.PairSetsAsync(1, round, 0, int.MaxValue);
            Assert.Equal(1024, expected.Count);
            Assert.Equal(expected.Select(set => JsonSerializer.Serialize(set)), played.Select(set => JsonSerializer.Serialize(set)));
        }

        Assert.Equal(await embedded.VerdictCountAsync(), await cluster.VerdictCountAsync());
    }
}
