using Microsoft.Data.Sqlite;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Tests;

namespace OrleansAlign.Grains.Tests;

public sealed class JudgedOnceTests
{
    private static readonly string WithoutEvaluation = SmallRecipe.Yaml[..SmallRecipe.Yaml.IndexOf("evaluation:", StringComparison.Ordinal)];

    [Fact]
    public async Task Every_verdict_is_judged_once_and_a_committed_one_never_again()
    {
        string folder = Directory.CreateTempSubdirectory("align-once-").FullName;
        (RunStatus first, long verdicts, double asked) = await PlayAsync(folder);
        Assert.Equal(verdicts, asked);

        // The state after the loss of every silo during tournaments: the ledger has verdicts, but no pair sets and nothing later.
        await using (var file = new SqliteConnection($"Data Source={Path.Combine(folder, "ledgers", "once.db")};Pooling=False"))
        {
            await file.OpenAsync();
            await using SqliteCommand command = file.CreateCommand();
            command.CommandText =
                "DELETE FROM pair_set; DELETE FROM round WHERE stage = 1; DELETE FROM step WHERE stage = 1; "
                + "DELETE FROM trainer_checkpoint WHERE stage = 1";
            Assert.True(await command.ExecuteNonQueryAsync() > 140);
        }

        (RunStatus second, long still, double askedAgain) = await PlayAsync(folder);

        Assert.Equal(first.Policy, second.Policy);
        Assert.Equal((verdicts, 0), (still, askedAgain));
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<(RunStatus Status, long Verdicts, double Asked)> PlayAsync(string folder)
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(silos: 2, over: folder);
        using var recorder = new MeterRecorder(cluster.Metrics.Meter);
        IRunGrain run = cluster.Run("once");
        await run.StartAsync(cluster.Submission() with { Recipe = WithoutEvaluation });
        RunStatus status = await SmallSubmission.EndAsync(run);
        Assert.Null(status.Problem);
        return (status, await cluster.Ledger("once").VerdictCountAsync(), recorder.Total(AlignSeries.JudgeCalls.Name));
    }
}
