using System.Diagnostics;
using System.Globalization;
using OrleansAlign.Core.Stages;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Ledgers;
using OrleansAlign.Tests;
using Xunit.Abstractions;

namespace OrleansAlign.Grains.Tests.Load;

/// <summary>What the cluster itself costs: one silo, PostgreSQL, no model. <c>ALIGN_LOAD_PROMPTS</c> says how many prompts (default 1,000).</summary>
[Collection(nameof(LoadTests))]
[CollectionDefinition(nameof(LoadTests), DisableParallelization = true)]
public sealed class LoadTests(ITestOutputHelper output)
{
    private static readonly int Prompts =
        int.TryParse(Environment.GetEnvironmentVariable("ALIGN_LOAD_PROMPTS"), CultureInfo.InvariantCulture, out int prompts) ? prompts : 1000;

    private static readonly string Recipe = SmallRecipe.Yaml[..SmallRecipe.Yaml.IndexOf("judge:", StringComparison.Ordinal)] + """
        engine: torchsharp
        judge:
          principles: [rule]
          templates: { rule: { user: "{context}|{response_a}|{response_b}|", assistant: "", decisions: [A, B] } }
        stages:
          - self-judge: { prompts: many.jsonl, candidates: 8, sampling: { max-new-tokens: 6 }, steps: 1, batch: 16, learning-rate: 1e-3 }
        """;

    [PostgresFact]
    public async Task Many_prompts_are_played_within_bounded_memory()
    {
        using PostgresServer server = new();
        await using PostgresLedgers ledgers = await PostgresLedgers.OpenAsync(server.CreateDatabase(), TimeProvider.System);
        await using SmallCluster cluster = await SmallCluster.StartAsync(ledgersOf: ledgers, engines: new EngineCatalog(new RuleEngine.Factory()));
        Directory.CreateDirectory(Path.Combine(cluster.Folder, "source"));
        await File.WriteAllLinesAsync(
            Path.Combine(cluster.Folder, "source", "many.jsonl"), Enumerable.Range(0, Prompts).Select(i => $$"""{"id": "p{{i}}", "prompt": "say {{i}}"}"""));
        IRunGrain run = cluster.Run("many");
        await run.StartAsync(SmallSubmission.Lay(cluster.Folder, 7, SmallCluster.Version, Recipe));

        long began = Stopwatch.GetTimestamp(), known = 0, done = 0;
        List<(long Done, double Seconds, long Managed, long Resident)> marks = [];
        while (done < Prompts)
        {
            RunNews news = await run.WatchAsync(known, TimeSpan.FromSeconds(10));
            known = news.Last;
            Assert.True(news.Status.Problem is null, news.Status.Problem);
            done = Math.Max(done, news.Events.OfType<RunEvent.Advanced>().Where(e => e.Activity == "play").Select(e => e.Done).DefaultIfEmpty(0).Max());
            if (done >= (marks.Count + 1) * (Prompts / 10))
            {
                using var process = Process.GetCurrentProcess();
                marks.Add((done, Stopwatch.GetElapsedTime(began).TotalSeconds, GC.GetTotalMemory(forceFullCollection: true), process.WorkingSet64));
            }
        }

        RunStatus status = await SmallSubmission.EndAsync(run);
        Assert.Equal((null, RunPhase.Finished), (status.Problem, status.Phase));
        IRunLedger ledger = ledgers.Open("many");
        RoundRow round = Assert.Single(await ledger.RoundsAsync(), r => r.Stage == 0);
        Assert.Equal(Prompts, round.Metrics[RoundMetrics.Prompts]);
        double matches = round.Metrics[RoundMetrics.Matches], seconds = marks[^1].Seconds;
        double decided = matches * (1 - round.Metrics[RoundMetrics.TieRate] - round.Metrics[RoundMetrics.InvalidRate]);
        output.WriteLine(
            $"{Prompts:N0} prompts × 8 in {seconds:F1} s: {matches / seconds:F0} matches/s, {decided / seconds:F0} of them by verdict, "
            + $"{await ledger.VerdictCountAsync():N0} verdicts");
        foreach ((long at, double after, long managed, long resident) in marks)
        {
            output.WriteLine($"{at,8:N0} prompts, {after,7:F1} s: {managed >> 20} MiB of objects, {resident >> 20} MiB resident");
        }

        // After a tournament silos keep only the number of its pairs, and for a few seconds the addresses of its grains and its event in the stream.
        long growth = marks[^1].Managed - marks[0].Managed;
        Assert.True(growth < 32_000_000, $"{growth:N0} bytes more at the end than after a tenth");
    }
}
