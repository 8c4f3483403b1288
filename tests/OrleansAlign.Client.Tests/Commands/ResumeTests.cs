using OrleansAlign.Core.Ports;
using OrleansAlign.Tests;

namespace OrleansAlign.Client.Tests.Commands;

/// <summary>What a user is told, and can do, when a run lies unfinished and its recipe or data is not what it was.</summary>
public sealed class ResumeTests : IAsyncLifetime, IDisposable
{
    private readonly SmallWorld world = new();

    public Task InitializeAsync() => world.RunUntilAsync(happened => happened is RunEvent.Began { Stage: 1 });

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task A_recipe_that_changed_is_told_key_by_key_and_the_run_goes_on_with_the_recorded_one()
    {
        world.Change("learning-rate: 1e-3", "learning-rate: 2e-3");

        Ending resumed = await world.ResumeAsync();

        string note = Assert.Single(SmallWorld.Notes(resumed), line => line.Contains("changed since the run began", StringComparison.Ordinal));
        Assert.Contains($"{world.Recipe} changed since the run began: stages[1].self-judge.learning-rate: 1e-3 → 2e-3. ", note, StringComparison.Ordinal);
        Assert.Contains("goes on with the recipe that it was started with", note, StringComparison.Ordinal);
        Assert.Equal(await world.WholeAsync(SmallRecipe.Yaml), SmallWorld.Policy(resumed));
    }

    [Fact]
    public async Task A_comment_or_another_spelling_is_no_change()
    {
        world.Change("learning-rate: 1e-3", "learning-rate: 0.001   # as before");

        Assert.DoesNotContain("changed since", (await world.ResumeAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_beside_an_unfinished_one_says_so_and_begins_under_its_own_name()
    {
        Ending beside = await Align.RunAsync(null, "run", world.Recipe, "--seed", "6", "--runs", world.Runs);

        Assert.Equal((0, ""), (beside.Code, beside.Error));
        string note = Assert.Single(SmallWorld.Notes(beside), line => line.Contains("unfinished", StringComparison.Ordinal));
        string advice = $"go on with: ./align resume {SmallWorld.Id} --runs {world.Runs}";
        Assert.EndsWith($"{SmallWorld.Id} lies unfinished, 1 of 3 rounds done: {advice}", note, StringComparison.Ordinal);
        Assert.Contains($"Run small-seed6 in {world.Runs}", beside.Output, StringComparison.Ordinal);

        Assert.Equal(0, (await world.ResumeAsync()).Code);
        Ending after = await Align.RunAsync(null, "run", world.Recipe, "--seed", "7", "--runs", world.Runs);
        Assert.DoesNotContain("unfinished", after.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Moved_data_is_found_in_the_folder_that_is_named_if_it_is_the_same()
    {
        string moved = Path.Combine(world.Folder, "moved");
        Directory.CreateDirectory(moved);
        foreach (string file in Directory.GetFiles(world.Folder, "*.jsonl")) File.Move(file, Path.Combine(moved, Path.GetFileName(file)));

        Ending lost = await world.ResumeAsync();
        Assert.Equal(2, lost.Code);
        string[] lines = lost.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Contains($"./align resume {SmallWorld.Id} --data DIR", line, StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains(Path.Combine(world.Folder, "prompts.jsonl"), StringComparison.Ordinal));

        string prompts = Path.Combine(moved, "prompts.jsonl"), content = await File.ReadAllTextAsync(prompts);
        await File.WriteAllTextAsync(prompts, content.Replace("say red", "say rod", StringComparison.Ordinal));
        (await world.ResumeAsync("--data", moved)).IsRefusal("prompts.jsonl changed since the run began", moved);

        await File.WriteAllTextAsync(prompts, content);
        Ending resumed = await world.ResumeAsync("--data", moved);
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        foreach (string file in Directory.GetFiles(moved)) File.Copy(file, Path.Combine(world.Folder, Path.GetFileName(file)));
        Assert.Equal(await world.WholeAsync(SmallRecipe.Yaml), SmallWorld.Policy(resumed));
    }

    [Fact]
    public async Task With_another_recipe_a_new_run_goes_on_where_both_agree_and_ends_as_if_it_had_begun_with_it()
    {
        string[] before = Stored();
        world.Change("learning-rate: 1e-3", "learning-rate: 2e-3");

        Ending resumed = await world.ResumeAsync("--with-recipe", world.Recipe);

        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        string note = SmallWorld.Notes(resumed)[0];
        Assert.Contains($"small-seed5-2 is a new run of {world.Recipe}; it takes over 1 of 3 rounds of {SmallWorld.Id}", note, StringComparison.Ordinal);
        Assert.EndsWith("What differs: stages[1].self-judge.learning-rate: 1e-3 → 2e-3", note, StringComparison.Ordinal);
        Assert.Equal(await world.WholeAsync(), SmallWorld.Policy(resumed));
        Assert.Equal(Ledgers.Everything(world.WholeLedger), Ledgers.Everything(Branch));
        Assert.Equal(before, Stored());
    }

    [Fact]
    public async Task Rows_of_the_unfinished_round_are_taken_over_too_where_its_stage_agrees()
    {
        using var other = new SmallWorld();
        other.LengthenRounds();
        await other.RunUntilAsync(happened => happened is RunEvent.Advanced { Activity: "train", Done: 4, Total: 12 });
        other.Change("max-new-tokens: 8 } }", "max-new-tokens: 7 } }");
        string ledger = Path.Combine(other.Runs, SmallWorld.Id, "ledger.db");
        long steps = Ledgers.Count(ledger, "SELECT count(*) FROM step WHERE stage = 1"), rounds = Ledgers.Count(ledger, "SELECT count(*) FROM round");
        Assert.True(steps > 0);

        Ending resumed = await other.ResumeAsync("--with-recipe", other.Recipe);

        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.Contains($"{rounds - 1} of 3 rounds", SmallWorld.Notes(resumed)[0], StringComparison.Ordinal);
        Assert.Equal(await other.WholeAsync(), SmallWorld.Policy(resumed));
        Assert.Equal(Ledgers.Everything(other.WholeLedger), Ledgers.Everything(Path.Combine(other.Runs, "small-seed5-2", "ledger.db")));
    }

    [Theory]
    [InlineData("hidden-size: 16", "hidden-size: 32", "model.new.hidden-size: 16 → 32")]
    [InlineData("name: small", "name: small\nseed: 6", "seed: (left out) → 6")]
    public async Task With_a_recipe_that_begins_otherwise_nothing_is_taken_over(string old, string now, string difference)
    {
        world.Change(old, now);

        (await world.ResumeAsync("--with-recipe", world.Recipe)).IsRefusal("nothing of it can be taken over", difference, $"./align run {world.Recipe}");
        Assert.False(Directory.Exists(Path.GetDirectoryName(Branch)));
    }

    [Fact]
    public async Task With_changed_data_the_stages_that_read_it_do_not_agree()
    {
        string prompts = Path.Combine(world.Folder, "prompts.jsonl");
        await File.WriteAllTextAsync(prompts, (await File.ReadAllTextAsync(prompts)).Replace("say red", "say gold", StringComparison.Ordinal));

        Ending resumed = await world.ResumeAsync("--with-recipe", world.Recipe);

        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.Contains("stages[1].self-judge.prompts: the file's content changed", SmallWorld.Notes(resumed)[0], StringComparison.Ordinal);
        Assert.Equal(await world.WholeAsync(), SmallWorld.Policy(resumed));
    }

    [Fact]
    public async Task With_the_same_recipe_it_says_to_resume_without() =>
        (await world.ResumeAsync("--with-recipe", world.Recipe)).IsRefusal("is the recipe of this run", $"./align resume {SmallWorld.Id}");

    private string Branch => Path.Combine(world.Runs, "small-seed5-2", "ledger.db");

    /// <summary>The old run's policies and rows.</summary>
    private string[] Stored()
    {
        string run = Path.Combine(world.Runs, SmallWorld.Id);
        return [.. Directory.GetDirectories(Path.Combine(run, "policies")).Order(StringComparer.Ordinal),
            .. Ledgers.Everything(Path.Combine(run, "ledger.db"))];
    }
}
