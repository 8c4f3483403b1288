using OrleansAlign.Core.Ports;

namespace OrleansAlign.Client.Tests.Commands;

public sealed class PruneTests : IDisposable
{
    private readonly SmallWorld world = new();

    public void Dispose() => world.Dispose();

    private string Policies => Path.Combine(world.Runs, SmallWorld.Id, "policies");

    private string States => Path.Combine(world.Runs, SmallWorld.Id, "trainer");

    [Fact]
    public async Task An_unfinished_run_keeps_what_it_goes_on_from_and_ends_as_one_that_was_not_pruned()
    {
        bool second = false;
        world.LengthenRounds();
        await world.RunUntilAsync(
            happened => (second |= happened is RunEvent.Began { Round: 2 }) && happened is RunEvent.Advanced { Activity: "train", Done: 4 });
        Assert.Equal(3, Directory.GetDirectories(Policies).Length);
        string[] states = Directory.GetFiles(States);
        Directory.CreateDirectory(Path.Combine(Policies, "0123.host-1-1.writing"));

        Ending dry = await PruneAsync("--dry-run");
        Assert.Equal(4, Directory.GetDirectories(Policies).Length);
        Ending pruned = await PruneAsync();

        Assert.Equal((0, 0, ""), (dry.Code, pruned.Code, pruned.Error));
        Assert.Equal(2, dry.OutputLines.Count(line => line.StartsWith("would free ", StringComparison.Ordinal)));
        Assert.Equal(2, Directory.GetDirectories(Policies).Length);
        Assert.Equal(states.Where(s => s.Contains("stage-1-round-2", StringComparison.Ordinal)), Directory.GetFiles(States));
        Assert.NotEmpty(Directory.GetFiles(States));
        Assert.Contains("(the run goes on from it)", pruned.Output, StringComparison.Ordinal);
        Ending resumed = await world.ResumeAsync();
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.Equal(await world.WholeAsync(), SmallWorld.Policy(resumed));
        Assert.Equal(Ledgers.Everything(world.WholeLedger), Ledgers.Everything(Path.Combine(world.Runs, SmallWorld.Id, "ledger.db")));
    }

    [Fact]
    public async Task A_finished_run_keeps_its_final_policy_and_those_named_and_is_read_as_before()
    {
        string final = SmallWorld.Policy(await Align.RunAsync(null, "run", world.Recipe, "--seed", "5", "--runs", world.Runs));
        string other = Directory.GetDirectories(Policies).Select(p => Path.GetFileName(p)!).First(p => p != final);
        string status = (await Align.RunAsync(null, "status", SmallWorld.Id, "--runs", world.Runs)).Output;
        string explained = (await Align.RunAsync(null, "explain", $"{SmallWorld.Id}/1.1.0.0", "--runs", world.Runs)).Output;

        (await PruneAsync("--keep", "xyz")).IsRefusal("--keep xyz", "no policy of the run begins so");
        Ending pruned = await PruneAsync("--keep", other[..12]);

        Assert.Equal((0, ""), (pruned.Code, pruned.Error));
        Assert.Equal(
            new[] { final, other }.Order(StringComparer.Ordinal),
            Directory.GetDirectories(Policies).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFiles(States));
        Assert.Matches(@"small-seed5: freed [\d.]+ [KM]iB in \d+ places, kept [\d.]+ [KM]iB in 2 places\.", pruned.OutputLines[^1]);
        Assert.Equal(0, (await PruneAsync()).Code);
        Assert.Equal([final], Directory.GetDirectories(Policies).Select(p => Path.GetFileName(p)));
        Assert.Equal(status, (await Align.RunAsync(null, "status", SmallWorld.Id, "--runs", world.Runs)).Output);
        Assert.Equal(explained, (await Align.RunAsync(null, "explain", $"{SmallWorld.Id}/1.1.0.0", "--runs", world.Runs)).Output);
        Assert.Equal(0, (await Align.RunAsync("say red\n", "chat", SmallWorld.Id, "--runs", world.Runs)).Code);
        Assert.Equal(final, SmallWorld.Policy(await world.ResumeAsync()));
    }

    [Fact]
    public async Task Where_a_needed_policy_is_missing_nothing_is_freed()
    {
        await world.RunUntilAsync(happened => happened is RunEvent.Began { Round: 2 });
        string needed = (await PruneAsync("--dry-run")).OutputLines.Single(line => line.Contains("goes on from it", StringComparison.Ordinal));
        string hash = needed.Split("policies/")[1][..64];
        Directory.Delete(Path.Combine(Policies, hash), recursive: true);
        string[] left = Directory.GetDirectories(Policies);

        (await PruneAsync()).IsRefusal(hash, "is missing", "nothing was freed");

        Assert.Equal(left, Directory.GetDirectories(Policies));
    }

    private Task<Ending> PruneAsync(params string[] options) => Align.RunAsync(null, ["prune", SmallWorld.Id, "--runs", world.Runs, .. options]);
}
