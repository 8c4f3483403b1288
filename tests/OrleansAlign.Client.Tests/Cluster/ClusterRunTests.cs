using OrleansAlign.Core.Ports;
using OrleansAlign.Client.Cluster;
using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Tests.Remote;
using OrleansAlign.Tests;

namespace OrleansAlign.Client.Tests.Cluster;

public sealed class ClusterRunTests
{
    private static readonly RunEvent[] Happened =
    [
        new RunEvent.Began(0, "sft", 0, 0), new RunEvent.Advanced("train", 1, 2, "steps"), new RunEvent.Noted("text"),
    ];

    private readonly List<RunEvent> told = [];

    [Fact]
    public async Task Events_are_told_once_and_in_order_until_the_run_is_finished()
    {
        string policy = await EndAsync(
            new RunNews(1, [Happened[0]], Status(RunPhase.Running)), new RunNews(1, [], Status(RunPhase.Running)),
            new RunNews(3, Happened[1..], Status(RunPhase.Finished, policy: "hash")));

        Assert.Equal("hash", policy);
        Assert.Equal(Happened, told);
    }

    [Fact]
    public async Task A_silo_that_goes_while_it_is_watched_is_waited_for()
    {
        var finished = new RunNews(1, [Happened[0]], Status(RunPhase.Finished, policy: "hash"));

        Assert.Equal("hash", await EndAsync(new SiloUnavailableException("gone"), new TimeoutException("late"), finished));
        Assert.Equal([Happened[0]], told);
    }

    [Theory]
    [InlineData(RunPhase.Paused, "the run is paused; go on with: ./align resume demo-seed1 --cluster a:1")]
    [InlineData(RunPhase.Cancelled, "the run was cancelled; what was done is kept, go on after all with: ./align resume demo-seed1 --cluster a:1")]
    [InlineData(RunPhase.Unknown, "the run does not go on; start it with: ./align resume demo-seed1 --cluster a:1")]
    public async Task A_run_that_its_owner_stopped_says_how_to_go_on(RunPhase phase, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<RunStoppedException>(() => EndAsync(new RunNews(0, [], Status(phase))))).Message);

    [Fact]
    public async Task A_run_that_failed_says_why()
    {
        BadInputException error = await Assert.ThrowsAsync<BadInputException>(
            () => EndAsync(new RunNews(0, [], Status(RunPhase.Failed, "d.jsonl:1: no completion"))));

        Assert.Equal(["the run failed: d.jsonl:1: no completion", "mend it, then go on with: ./align resume demo-seed1 --cluster a:1"],
            error.Message.Split(Environment.NewLine));
    }

    [Fact]
    public async Task A_run_that_the_cluster_does_not_know_is_refused_in_its_words() =>
        Assert.Equal("there is no run demo-seed1",
            (await Assert.ThrowsAsync<BadInputException>(() => EndAsync(new RunRefusedException("there is no run demo-seed1")))).Message);

    private static RunStatus Status(RunPhase phase, string? problem = null, string? policy = null) => new(phase, problem, policy, "silo");

    private async Task<string> EndAsync(params object[] answers)
    {
        // No test calls the ledger's grain.
        var calls = new ClusterCalls(FakeGrains.Of((_, _) => null!), new HurriedTime());
        var row = new RunRow("demo-seed1", "", "/", 1, "", "0.1.0");
        await using var run = new ClusterRun(row, calls.Ledger("demo-seed1"), new Run(answers), calls, "the cluster at a:1", " --cluster a:1");
        return await run.EndAsync(new Immediate(told.Add), CancellationToken.None);
    }

    /// <summary>Gives the answers in turn, and asserts that the caller asks for events after the last one it was given.</summary>
    private sealed class Run(object[] answers) : IRunGrain
    {
        private long known;
        private int next;

        public Task<RunNews> WatchAsync(long after, TimeSpan wait)
        {
            Assert.Equal(known, after);
            Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
            if (answers[next++] is not RunNews news) return Task.FromException<RunNews>((Exception)answers[next - 1]);
            known = news.Last;
            return Task.FromResult(news);
        }

        public Task StartAsync(RunSubmission submission) => throw new NotSupportedException();

        public Task PauseAsync() => throw new NotSupportedException();

        public Task ResumeAsync() => throw new NotSupportedException();

        public Task CancelAsync() => throw new NotSupportedException();

        public Task<RunStatus> StatusAsync() => throw new NotSupportedException();
    }
}
