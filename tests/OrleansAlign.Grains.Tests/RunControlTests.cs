using Orleans.TestingHost;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Hosting;
using OrleansAlign.Tests;

namespace OrleansAlign.Grains.Tests;

public sealed class RunControlTests
{
    [Fact]
    public async Task A_paused_run_waits_and_goes_on_to_the_same_policy()
    {
        (string expected, _) = await SmallSubmission.EmbeddedAsync(7);
        await using SmallCluster cluster = await SmallCluster.StartAsync();
        IRunGrain run = await cluster.SubmitAsync("paused");
        RunNews news = await run.WatchAsync(0, TimeSpan.FromSeconds(20));
        Assert.Equal(RunPhase.Running, news.Status.Phase);

        await run.PauseAsync();
        Assert.Equal(RunPhase.Paused, (await run.StatusAsync()).Phase);
        await run.ResumeAsync();

        Assert.Equal(expected, (await SmallSubmission.EndAsync(run)).Policy);
    }

    [Fact]
    public async Task A_cancelled_run_stays_so_until_it_is_resumed()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync();
        IRunGrain run = await cluster.SubmitAsync("cancelled");

        await run.CancelAsync();
        await run.StartAsync(cluster.Submission());

        Assert.Equal(RunPhase.Cancelled, (await run.StatusAsync()).Phase);
    }

    [Fact]
    public async Task Starting_twice_is_starting_once_and_another_recipe_under_the_name_is_refused()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync();
        IRunGrain run = await cluster.SubmitAsync("twice");
        await run.StartAsync(cluster.Submission());

        RunRefusedException refused = await Assert.ThrowsAsync<RunRefusedException>(() => run.StartAsync(cluster.Submission(8)));

        Assert.Contains("another recipe or seed", refused.Message, StringComparison.Ordinal);
        await run.CancelAsync();
    }

    [Fact]
    public async Task What_is_wrong_with_a_submission_is_said_before_anything_begins()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync();
        RunSubmission good = cluster.Submission();

        await RefusedAsync(good with { Version = "0.0.1" }, "version 0.0.1");
        await RefusedAsync(good with { Files = [] }, "there is no file");
        await RefusedAsync(good with { Files = [new SubmittedFile("../escape.jsonl", good.Files[0].Sha256)] }, "must lie in the recipe's folder");
        await RefusedAsync(good with { Files = [new SubmittedFile("a.jsonl", new string('0', 64))] }, "was not uploaded");
        await RefusedAsync(good with { Recipe = "name: x\nfoo: 1" }, "foo");
        Assert.Empty(await cluster.Ledgers.RunIdsAsync());

        async Task RefusedAsync(RunSubmission submission, string words)
        {
            RunRefusedException refused = await Assert.ThrowsAsync<RunRefusedException>(() => cluster.Run("wrong").StartAsync(submission));
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_run_that_nobody_started_is_unknown()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync();

        RunRefusedException refused = await Assert.ThrowsAsync<RunRefusedException>(cluster.Run("nobody").StatusAsync);

        Assert.Contains("there is no run nobody", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_that_fails_at_the_beginning_and_at_the_end_delays_a_run_and_changes_nothing()
    {
        (string expected, _) = await SmallSubmission.EmbeddedAsync(7);
        await using SmallCluster cluster = await SmallCluster.StartAsync(
            configure: silo => silo.Services.AddFaultInjectionMemoryStorage(GrainHosting.StorageName));
        IRunGrain run = cluster.Run("faulty");
        IStorageFaultGrain faults = cluster.Client.GetGrain<IStorageFaultGrain>("run");
        await faults.AddFaultOnWrite(run.GetGrainId(), new TimeoutException("the storage does not answer"));

        await Assert.ThrowsAsync<OrleansException>(() => cluster.SubmitAsync("faulty"));
        await cluster.SubmitAsync("faulty");
        await faults.AddFaultOnWrite(run.GetGrainId(), new TimeoutException("the storage does not answer"));
        RunStatus status = await SmallSubmission.EndAsync(run);

        Assert.Equal(RunPhase.Finished, status.Phase);
        Assert.Equal(expected, status.Policy);
    }

    [Fact]
    public async Task An_upload_is_kept_only_if_it_is_what_it_says()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync();
        byte[] content = [1, 2, 3, 4, 5];
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
        IUploadGrain upload = cluster.Client.GetGrain<IUploadGrain>(GrainKeys.Upload(hash));

        await upload.AppendAsync(0, content[..2]);
        await upload.AppendAsync(0, content[..2]);
        Assert.Equal(new UploadState(2, false), await upload.AppendAsync(2, [9, 9, 9]) with { Length = 2 });
        await Assert.ThrowsAsync<RunRefusedException>(upload.CompleteAsync);
        await upload.AppendAsync(0, content);
        await upload.CompleteAsync();

        Assert.Equal(new UploadState(5, true), await upload.StateAsync());
    }
}
