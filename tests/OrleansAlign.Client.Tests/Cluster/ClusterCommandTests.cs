using System.Text.Json;
using OrleansAlign.Tests;

namespace OrleansAlign.Client.Tests.Cluster;

/// <summary>The small recipe, run by the real program in a folder and on a cluster.</summary>
public sealed class BothHosts : IAsyncLifetime
{
    public const string Id = "small-seed7";

    public string Folder { get; } = Directory.CreateTempSubdirectory("align-hosts-").FullName;

    public string Recipe => Path.Combine(Folder, "recipe.yaml");

    public string Runs => Path.Combine(Folder, "runs");

    internal SmallSilo Silo { get; private set; } = null!;

    internal Ending OnCluster { get; private set; } = null!;

    internal Ending InFolder { get; private set; } = null!;

    public string Json(string host) => Path.Combine(Folder, host + ".json");

    public async Task InitializeAsync()
    {
        SmallRecipe.Write(Folder);
        await File.WriteAllTextAsync(Recipe, SmallRecipe.Yaml);
        Silo = await SmallSilo.StartAsync(Path.Combine(Folder, "storage"));
        InFolder = await Align.RunAsync(null, "run", Recipe, "--seed", "7", "--threads", "1", "--runs", Runs, "--json", Json("folder"));
        OnCluster = await Silo.AlignAsync("run", Recipe, "--seed", "7", "--json", Json("cluster"));
    }

    public async Task DisposeAsync()
    {
        await Silo.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

public sealed class ClusterCommandTests(BothHosts hosts) : IClassFixture<BothHosts>
{
    private const string Id = BothHosts.Id;

    [Fact]
    public void Run_ends_with_the_same_policy_figures_and_report()
    {
        Assert.Equal((0, ""), (hosts.InFolder.Code, hosts.InFolder.Error));
        Assert.Equal((0, ""), (hosts.OnCluster.Code, hosts.OnCluster.Error));
        JsonElement here = Read(hosts.Json("folder")), there = Read(hosts.Json("cluster"));
        foreach (string name in new[] { "runId", "seed", "policy", "rounds" })
        {
            Assert.Equal(here.GetProperty(name).GetRawText(), there.GetProperty(name).GetRawText());
        }

        Assert.True(there.GetProperty("seconds").GetDouble() > 0);
        Assert.Equal(Report(hosts.InFolder), Report(hosts.OnCluster));
        Assert.Contains($"Run {Id} on the cluster at {hosts.Silo.Address}, seed 7.", hosts.OnCluster.OutputLines);
        Assert.Contains("self-judge, round 2 of 2", hosts.OnCluster.OutputLines);
        Assert.Contains($"./align explain {Id}/", hosts.OnCluster.Output, StringComparison.Ordinal);
        Assert.Contains($" --cluster {hosts.Silo.Address}", hosts.OnCluster.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status", Id)]
    [InlineData("status")]
    [InlineData("explain", Id + "/1.1.0")]
    [InlineData("explain", Id + "/1.2.3")]
    public async Task Looking_at_a_run_shows_the_same(params string[] command)
    {
        Ending here = await Align.RunAsync(null, [.. command, "--runs", hosts.Runs]), there = await hosts.Silo.AlignAsync(command);

        Assert.Equal((0, ""), (there.Code, there.Error));
        Assert.Equal(here.Output, command is ["status"] ? Line(there, Id) : there.Output);
    }

    [Fact]
    public async Task Judge_chooses_the_same_winners()
    {
        string input = Path.Combine(hosts.Folder, "responses.jsonl");
        await File.WriteAllLinesAsync(
            input, Enumerable.Range(0, 100).Select(i => $$"""{"context": "say {{i}}", "responses": ["red", "blue green", "gold {{i}}", "x"]}"""));

        Ending here = await Align.RunAsync(null, "judge", input, "--judge", Id, "--runs", hosts.Runs);
        Ending there = await hosts.Silo.AlignAsync("judge", input, "--judge", Id);

        Assert.Equal((0, ""), (there.Code, there.Error));
        Assert.Equal(100, there.OutputLines.Length);
        Assert.Equal(here.Output, there.Output);
    }

    [Fact]
    public async Task Eval_finds_the_same_win_rate()
    {
        string first = Read(hosts.Json("cluster")).GetProperty("rounds")[0].GetProperty("policy").GetString()!;
        string prompts = Path.Combine(hosts.Folder, "heldout.jsonl");
        string[] command = ["eval", Id, $"{Id}@{first[..12]}", "--prompts", prompts, "--max-new-tokens", "8", "--judge", Id];

        Ending here = await Align.RunAsync(null, [.. command, "--runs", hosts.Runs]), there = await hosts.Silo.AlignAsync(command);

        Assert.Equal((0, ""), (there.Code, there.Error));
        Assert.Equal(here.Output, there.Output);
    }

    [Fact]
    public async Task A_run_that_was_left_to_the_cluster_can_be_watched_and_stopped()
    {
        Ending left = await hosts.Silo.AlignAsync("run", hosts.Recipe, "--seed", "8", "--detach");
        Assert.Equal((0, ""), (left.Code, left.Error));
        Assert.EndsWith($"seed 8. Watch it with: ./align watch small-seed8 --cluster {hosts.Silo.Address}", left.OutputLines[^1], StringComparison.Ordinal);

        Ending cancelled = await hosts.Silo.AlignAsync("cancel", "small-seed8");
        Ending watched = await hosts.Silo.AlignAsync("watch", "small-seed8");
        Ending paused = await hosts.Silo.AlignAsync("pause", "small-seed8");
        Ending resumed = await hosts.Silo.AlignAsync("resume", "small-seed8");
        Ending watchedAgain = await hosts.Silo.AlignAsync("watch", "small-seed8");

        // The run may have ended before it was cancelled.
        bool wasCancelled = cancelled.Output.Contains("was cancelled", StringComparison.Ordinal);
        Assert.Equal(0, cancelled.Code);
        Assert.Equal(wasCancelled ? 130 : 0, watched.Code);
        Assert.Equal(0, paused.Code);
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.Equal((0, ""), (watchedAgain.Code, watchedAgain.Error));
        Assert.Equal(Report(resumed), Report(watchedAgain));
    }

    [Fact]
    public async Task A_run_or_policy_that_is_not_there_is_refused_with_those_that_are()
    {
        string[][] commands =
        [
            ["status", "other"], ["explain", "other/1.1.0"], ["watch", "other"], ["pause", "other"], ["cancel", "other"], ["resume", "other"],
        ];
        foreach (string[] command in commands)
        {
            (await hosts.Silo.AlignAsync(command)).IsRefusal($"the cluster at {hosts.Silo.Address}: there is no run other", Id);
        }

        (await hosts.Silo.AlignAsync("eval", Id, "other", "--prompts", Path.Combine(hosts.Folder, "heldout.jsonl"))).IsRefusal("other", Id);
        (await hosts.Silo.AlignAsync("eval", Id, $"{Id}@xyz", "--prompts", Path.Combine(hosts.Folder, "heldout.jsonl"))).IsRefusal($"{Id}@xyz");
    }

    [Fact]
    public async Task A_recipe_is_checked_before_anybody_is_asked()
    {
        string recipe = Path.Combine(hosts.Folder, "broken.yaml");
        await File.WriteAllTextAsync(recipe, "model: { path: nowhere }\nstages:\n  - sft: { demonstrations: nowhere.jsonl, batch: 0 }\n");

        Ending ending = await Align.RunAsync(null, "run", recipe, "--cluster", "127.0.0.1:1");

        Assert.Equal(2, ending.Code);
        Assert.Equal(3, ending.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_wrong_token_and_another_version_are_told_in_a_line()
    {
        (await Align.RunAsync(null, "status", "--cluster", hosts.Silo.Address, "--token", "guessed")).IsRefusal(
            $"the cluster at {hosts.Silo.Address}: wrong token", "--token", "ALIGN_TOKEN");
        (await Align.RunAsync(null, "status", "--cluster", hosts.Silo.Address)).IsRefusal("wrong token", "ALIGN_TOKEN");

        await using SmallSilo other = await SmallSilo.StartAsync(Path.Combine(hosts.Folder, "other"), "9.9.9");
        (await other.AlignAsync("status")).IsRefusal($"the cluster at {other.Address} is version 9.9.9, this program is ");
    }

    private static string Line(Ending ending, string start) => ending.OutputLines.Single(l => l.StartsWith(start, StringComparison.Ordinal)) + "\n";

    private static JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllText(file)).RootElement;

    /// <summary>The report's part of the output: the table, samples and notes.</summary>
    private static string Report(Ending ending) =>
        ending.Output[ending.Output.IndexOf("pass rate", StringComparison.Ordinal)..ending.Output.IndexOf("Final policy", StringComparison.Ordinal)];
}
