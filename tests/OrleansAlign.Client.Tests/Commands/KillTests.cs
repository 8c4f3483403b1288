using System.Text.Json;
using OrleansAlign.Tests;

namespace OrleansAlign.Client.Tests.Commands;

/// <summary>Killed and resumed runs end with the same bits as uninterrupted ones.</summary>
public sealed class KillTests : IAsyncLifetime
{
    private const string Id = "small-seed5";

    /// <summary>Conditions on the ledger that hold in the middle of some work, with enough of that work still to come.</summary>
    private const string TrainingTheApprentice = "SELECT COUNT(*) FROM trainer_checkpoint WHERE stage = 0 AND step >= 20",
        PlayingTheFirstRound = "SELECT COUNT(*) FROM pair_set WHERE stage = 1 AND round = 1",
        TrainingTheSecondRound = "SELECT COUNT(*) FROM trainer_checkpoint WHERE stage = 1 AND round = 2 AND step >= 12";

    private readonly string folder = Directory.CreateTempSubdirectory("align-kill-").FullName;

    private string Recipe => Path.Combine(folder, "recipe.yaml");

    public Task InitializeAsync()
    {
        SmallRecipe.Write(folder);
        string recipe = SmallRecipe.Yaml
            .Replace("steps: 30, batch: 8, learning-rate: 5e-3, checkpoint-every: 7",
                "steps: 300, batch: 16, learning-rate: 5e-3, checkpoint-every: 20", StringComparison.Ordinal)
            .Replace("prompts-per-round: 70", "prompts-per-round: 960", StringComparison.Ordinal)
            .Replace("      batch: 16\n", "      batch: 16\n      steps: 150\n", StringComparison.Ordinal);

        // First uses are slow, and the moment to kill at may last only a tenth of a second; so SQLite and a watcher are used once before.
        File.WriteAllText(Path.Combine(folder, "warm.db"), "");
        Assert.Equal(1, Ledgers.Count(Path.Combine(folder, "warm.db"), "SELECT 1"));
        using (var watcher = new FileSystemWatcher(folder)) watcher.EnableRaisingEvents = true;
        return File.WriteAllTextAsync(Recipe, recipe);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_run_killed_while_it_trains_plays_and_trains_again_ends_as_one_that_was_not()
    {
        using (RunProcess first = RunProcess.Start("run", Recipe, "--seed", "5", "--runs", Runs("killed"), "--threads", "2"))
        {
            await KillAtAsync(first, TrainingTheApprentice);
        }

        Assert.Equal((0, 0), (Rounds("stage = 0"), Ledgers.Count(Ledger("killed"), "SELECT COUNT(*) FROM completion")));
        using (RunProcess second = RunProcess.Start("resume", Id, "--runs", Runs("killed"), "--threads", "1"))
        {
            await KillAtAsync(second, PlayingTheFirstRound);
        }

        Assert.Equal((1, 0), (Rounds("stage = 0"), Ledgers.Count(Ledger("killed"), "SELECT COUNT(*) FROM step WHERE stage = 1")));
        using (RunProcess third = RunProcess.Start("resume", Id, "--runs", Runs("killed"), "--threads", "2"))
        {
            await KillAtAsync(third, TrainingTheSecondRound);
        }

        Assert.Equal((1, 0), (Rounds("stage = 1 AND round = 1"), Rounds("stage = 1 AND round = 2")));
        string resumed = await FinishAsync("killed", "resume", Id, "--threads", "1");
        string whole = await FinishAsync("whole", "run", Recipe, "--seed", "5", "--threads", "1");

        Assert.Equal(whole, resumed);
        IReadOnlyList<string> everything = Ledgers.Everything(Ledger("whole"));
        Assert.Contains(everything, row => row.StartsWith("pair_set 1 2 ", StringComparison.Ordinal));
        Assert.Equal(everything, Ledgers.Everything(Ledger("killed")));

        string parallel = await FinishAsync("parallel", "run", Recipe, "--seed", "5", "--threads", "2");
        Assert.Equal(whole, parallel);
        Assert.Equal(everything, Ledgers.Everything(Ledger("parallel")));
    }

    [Fact]
    public async Task Another_seed_makes_another_run()
    {
        await File.WriteAllTextAsync(Recipe, SmallRecipe.Yaml);

        string five = await FinishAsync("five", "run", Recipe, "--seed", "5"), six = await FinishAsync("six", "run", Recipe, "--seed", "6");

        Assert.NotEqual(five, six);
    }

    [SignalFact]
    public async Task An_interrupted_run_says_how_to_go_on_and_can()
    {
        using RunProcess process = RunProcess.Start("run", Recipe, "--seed", "5", "--runs", Runs("interrupted"));
        await process.UntilAsync(Ledger("interrupted"), TrainingTheApprentice);

        Ending ending = await process.InterruptAsync();

        Assert.Equal(130, ending.Code);
        string line = Assert.Single(ending.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        string advice = $"./align resume {Id} --runs {Runs("interrupted")}";
        Assert.EndsWith(advice, line, StringComparison.Ordinal);
        Ending status = await Align.RunAsync(null, "status", "--runs", Runs("interrupted"));
        Assert.StartsWith($"{Id}: 0 of 3 rounds done", status.Output, StringComparison.Ordinal);
        long saved = Ledgers.Count(Ledger("interrupted"), "SELECT MAX(step) FROM trainer_checkpoint WHERE stage = 0");
        Assert.Equal(saved, Ledgers.Count(Ledger("interrupted"), "SELECT COUNT(*) FROM step WHERE stage = 0"));
        string[] words = advice.Split(' ');
        Ending resumed = await Align.RunAsync(null, words[1..]);
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.Equal(3, Ledgers.Count(Ledger("interrupted"), "SELECT COUNT(*) FROM round WHERE stage >= 0"));
    }

    [Fact]
    public async Task A_run_that_a_process_works_on_is_refused_to_another()
    {
        using RunProcess process = RunProcess.Start("run", Recipe, "--seed", "5", "--runs", Runs("shared"));
        await process.UntilAsync(Ledger("shared"), "SELECT COUNT(*) FROM run");

        (await Align.RunAsync(null, "resume", Id, "--runs", Runs("shared"))).IsRefusal(Id, "another process");

        await process.KillAsync();
    }

    private async Task KillAtAsync(RunProcess process, string moment)
    {
        await process.UntilAsync(Ledger("killed"), moment);
        await process.KillAsync();
    }

    private long Rounds(string condition) => Ledgers.Count(Ledger("killed"), $"SELECT COUNT(*) FROM round WHERE {condition}");

    private string Runs(string name) => Path.Combine(folder, name);

    private string Ledger(string name) => Path.Combine(Runs(name), Id, "ledger.db");

    /// <summary>Runs to the end and returns the final policy's hash.</summary>
    private async Task<string> FinishAsync(string name, params string[] command)
    {
        string json = Path.Combine(folder, $"{name}.json");
        Ending ending = await Align.RunAsync(null, [.. command, "--runs", Runs(name), "--json", json]);
        Assert.Equal((0, ""), (ending.Code, ending.Error));
        return JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("policy").GetString()!;
    }
}
