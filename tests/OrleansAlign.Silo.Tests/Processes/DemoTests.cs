using System.Text.Json;
using OrleansAlign.Core.Ports;
using OrleansAlign.Grains.Contracts;
using Xunit.Abstractions;

namespace OrleansAlign.Silo.Tests.Processes;

/// <summary>
/// The README's demo at full size: a silo without set-up and the console client. <see cref="SurvivalTests"/> has the small recipe on PostgreSQL.
/// </summary>
public sealed class DemoTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>The policy that the demo ends with on the managed engine, in one process and on any cluster.</summary>
    private const string Final = "57d9ba5fa57373f392300cd6f78b50076112912d71df4c6aa0ae9e69c8ecddba";

    private const string Run = "demo-seed1";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly string folder = Directory.CreateTempSubdirectory("align-demo-").FullName;

    [Fact]
    public async Task The_demo_on_a_silo_without_set_up_that_is_killed_in_mid_run_ends_with_the_one_policy()
    {
        await using SmallSilos silos = new();
        SmallSilos.Started silo = silos.Start("alone", "Threads=0");
        await silo.Process.ActiveAsync();
        using ProgramProcess client = ProgramProcess.Client(folder, ["demo", "--seed", "1", "--json", "report.json", "--cluster", $"127.0.0.1:{silo.Gateway}"]);
        Task<int> ended = client.EndAsync(Patience);
        IRunGrain run = (await silos.ClientAsync(silo.Gateway)).GetGrain<IRunGrain>(GrainKeys.Run(Run));

        await PlayedAsync(run, round: 2, prompts: 300, ended, client);
        await silo.Process.SignalAsync("KILL");
        silo = silos.Start(silo);
        output.WriteLine(await silo.Process.ActiveAsync());

        Assert.True(await ended == 0, string.Join('\n', client.Lines));
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "report.json")));
        Assert.Equal(Final, report.RootElement.GetProperty("policy").GetString());
        using ProgramProcess status = ProgramProcess.Client(folder, ["status", "--cluster", $"127.0.0.1:{silo.Gateway}"]);
        Assert.Equal(0, await status.EndAsync());
        Assert.Equal($"{Run}: finished", Assert.Single(status.Lines));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Waits until a number of a round's tournaments are done.</summary>
    private static async Task PlayedAsync(IRunGrain run, int round, int prompts, Task<int> demo, ProgramProcess client)
    {
        int now = 0;
        for (long known = 0; !demo.IsCompleted;)
        {
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
            catch (RunRefusedException)
            {
                // The run does not exist yet.
                await Task.Delay(50);
            }
        }

        Assert.Fail($"the demo ended with code {await demo} before {prompts} prompts of round {round} were played:\n{string.Join('\n', client.Lines)}");
    }
}
