using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Embedded;
using OrleansAlign.Ledgers;
using OrleansAlign.Tests;

namespace OrleansAlign.Grains.Tests;

public sealed class ClusterRunTests
{
    [Fact]
    public async Task A_cluster_ends_with_the_policy_and_the_rows_of_one_process()
    {
        (string expected, string folder) = await SmallSubmission.EmbeddedAsync(7);
        await using SmallCluster cluster = await SmallCluster.StartAsync(silos: 3, coordinators: 1);

        RunStatus status = await SmallSubmission.EndAsync(await cluster.SubmitAsync("one"));

        Assert.Null(status.Problem);
        Assert.Equal(RunPhase.Finished, status.Phase);
        Assert.Equal(expected, status.Policy);
        await using SqliteLedger embedded = SqliteLedger.OpenToRead(EmbeddedRun.LedgerPath(folder));
        IRunLedger ledger = cluster.Ledger("one");
        for (int round = 1; round <= 2; round++)
        {
            Assert.Equivalent(await embedded.CompletionsAsync(1, round, 0, 100), await ledger.CompletionsAsync(1, round, 0, 100), strict: true);
            Assert.Equivalent(await embedded.PairSetsAsync(1, round, 0, 100), await ledger.PairSetsAsync(1, round, 0, 100), strict: true);
        }

        Assert.Equal(await embedded.VerdictCountAsync(), await ledger.VerdictCountAsync());
        Assert.Equivalent(await embedded.RoundsAsync(), await ledger.RoundsAsync(), strict: true);
    }

    [Theory]
    [InlineData("dpo")]
    [InlineData("self-play")]
    [InlineData("rule")]
    [InlineData("rule-scores")]
    public async Task Every_preference_stage_ends_with_the_policy_and_the_pairs_of_one_process(string kind)
    {
        string recipe = SmallRecipe.Of(kind);
        (string expected, string folder) = await SmallSubmission.EmbeddedAsync(7, recipe);
        await using SmallCluster cluster = await SmallCluster.StartAsync(silos: 2, coordinators: 1);
        IRunGrain run = cluster.Run(kind);
        await run.StartAsync(cluster.Submission() with { Recipe = recipe });

        RunStatus status = await SmallSubmission.EndAsync(run);

        Assert.Equal((null, expected), (status.Problem, status.Policy));
        await using SqliteLedger embedded = SqliteLedger.OpenToRead(EmbeddedRun.LedgerPath(folder));
        Assert.Equivalent(await embedded.CompletionsAsync(1, 1, 0, 100), await cluster.Ledger(kind).CompletionsAsync(1, 1, 0, 100), strict: true);
        Assert.Equivalent(await embedded.PairSetsAsync(1, 1, 0, 100), await cluster.Ledger(kind).PairSetsAsync(1, 1, 0, 100), strict: true);
        Assert.Equivalent(await embedded.RoundsAsync(), await cluster.Ledger(kind).RoundsAsync(), strict: true);
        Assert.Equal(await embedded.VerdictCountAsync(), await cluster.Ledger(kind).VerdictCountAsync());
    }

    [Fact]
    public async Task Slots_that_refuse_most_calls_delay_a_run_and_change_nothing()
    {
        (string expected, _) = await SmallSubmission.EmbeddedAsync(7);
        await using SmallCluster cluster = await SmallCluster.StartAsync(silos: 2, coordinators: 1, queueCapacity: 1);
        using var recorder = new MeterRecorder(cluster.Metrics.Meter);

        RunStatus status = await SmallSubmission.EndAsync(await cluster.SubmitAsync("busy"));

        Assert.Equal((null, expected), (status.Problem, status.Policy));
        Assert.True(recorder.Total(AlignSeries.Retries.Name) > 100, $"{recorder.Total(AlignSeries.Retries.Name)} calls were made again");
        Assert.Equal(0, recorder.Total(AlignSeries.Failures.Name));
    }
}
