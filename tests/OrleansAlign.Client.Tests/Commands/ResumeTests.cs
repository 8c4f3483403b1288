using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Embedded;
using OrleansAlign.Tests;

namespace OrleansAlign.Client.Tests.Commands;

/// <summary>What a user is told, and can do, when a run lies unfinished and its recipe or data is not what it was.</summary>
public sealed class ResumeTests : IAsyncLifetime
{
    private const string Id = "small-seed5";

    private readonly string folder = Directory.CreateTempSubdirectory("align-resume-").FullName;

    private string Recipe => Path.Combine(folder, "recipe.yaml");

    private string Runs => Path.Combine(folder, "runs");

    public async Task InitializeAsync()
    {
        SmallRecipe.Write(folder);
        await File.WriteAllTextAsync(Recipe, SmallRecipe.Yaml);
        await RunUntilAsync(happened => happened is RunEvent.Began { Stage: 1 });
    }

    public Task DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_recipe_that_changed_is_told_key_by_key_and_the_run_goes_on_with_the_recorded_one()
    {
        Change("learning-rate: 1e-3", "learning-rate: 2e-3");

        Ending resumed = await ResumeAsync();

        string note = Assert.Single(Notes(resumed), line => line.Contains("changed since the run began", StringComparison.Ordinal));
        Assert.Contains($"{Recipe} changed since the run began: stages[1].self-judge.learning-rate: 1e-3 → 2e-3. ", note, StringComparison.Ordinal);
        Assert.Contains("goes on with the recipe that it was started with", note, StringComparison.Ordinal);
        Assert.Equal(await WholeAsync(SmallRecipe.Yaml), Policy(resumed));
    }

    [Fact]
    public async Task A_comment_or_another_spelling_is_no_change()
    {
        Change("learning-rate: 1e-3", "learning-rate: 0.001   # as before");

        Assert.DoesNotContain("changed since", (await ResumeAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_beside_an_unfinished_one_says_so_and_begins_under_its_own_name()
    {
        Ending beside = await Align.RunAsync(null, "run", Recipe, "--seed", "6", "--runs", Runs);

        Assert.Equal((0, ""), (beside.Code, beside.Error));
        string note = Assert.Single(Notes(beside), line => line.Contains("unfinished", StringComparison.Ordinal));
        Assert.EndsWith($"{Id} lies unfinished, 1 of 3 rounds done: go on with: ./align resume {Id} --runs {Runs}", note, StringComparison.Ordinal);
        Assert.Contains($"Run small-seed6 in {Runs}", beside.Output, StringComparison.Ordinal);

        Assert.Equal(0, (await ResumeAsync()).Code);
        Ending after = await Align.RunAsync(null, "run", Recipe, "--seed", "7", "--runs", Runs);
        Assert.DoesNotContain("unfinished", after.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Moved_data_is_found_in_the_folder_that_is_named_if_it_is_the_same()
    {
        string moved = Path.Combine(folder, "moved");
        Directory.CreateDirectory(moved);
        foreach (string file in Directory.GetFiles(folder, "*.jsonl")) File.Move(file, Path.Combine(moved, Path.GetFileName(file)));

        Ending lost = await ResumeAsync();
        Assert.Equal(2, lost.Code);
        string[] lines = lost.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Contains($"./align resume {Id} --data DIR", line, StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains(Path.Combine(folder, "prompts.jsonl"), StringComparison.Ordinal));

        string prompts = Path.Combine(moved, "prompts.jsonl"), content = await File.ReadAllTextAsync(prompts);
        await File.WriteAllTextAsync(prompts, content.Replace("say red", "say rod", StringComparison.Ordinal));
        (await ResumeAsync("--data", moved)).IsRefusal("prompts.jsonl changed since the run began", moved);

        await File.WriteAllTextAsync(prompts, content);
        Ending resumed = await ResumeAsync("--data", moved);
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        foreach (string file in Directory.GetFiles(moved)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        Assert.Equal(await WholeAsync(SmallRecipe.Yaml), Policy(resumed));
    }

    private void Change(string old, string now)
    {
        string text = File.ReadAllText(Recipe);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(Recipe, text.Replace(old, now, StringComparison.Ordinal));
    }

    private Task<Ending> ResumeAsync(params string[] options) => Align.RunAsync(null, ["resume", Id, "--runs", Runs, .. options]);

    private static string[] Notes(Ending ending) => [.. ending.OutputLines.Where(line => line.StartsWith("  note: ", StringComparison.Ordinal))];

    private static string Policy(Ending ending) =>
        ending.OutputLines.Single(line => line.StartsWith("Final policy ", StringComparison.Ordinal))["Final policy ".Length..];

    /// <summary>The final policy of a run of a recipe that nothing interrupts.</summary>
    private async Task<string> WholeAsync(string recipe)
    {
        string elsewhere = Path.Combine(folder, "whole");
        await using EmbeddedRun run = await EmbeddedRun.CreateAsync(RecipeFile.Parse(recipe, "recipe", folder), 5, elsewhere, "0.0.0", default);
        using AlignMetrics metrics = new(TimeProvider.System);
        return await run.ExecuteAsync(EngineCatalog.Managed, 1, metrics, new StopAt(_ => false, new CancellationTokenSource()), default);
    }

    /// <summary>Starts the run of seed 5 in this process and interrupts it at an event.</summary>
    private async Task RunUntilAsync(Func<RunEvent, bool> moment)
    {
        using var stop = new CancellationTokenSource();
        await using EmbeddedRun run = await EmbeddedRun.CreateAsync(RecipeFile.Load(Recipe), 5, Runs, "0.0.0", default);
        using AlignMetrics metrics = new(TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => run.ExecuteAsync(EngineCatalog.Managed, 1, metrics, new StopAt(moment, stop), stop.Token));
    }

    private sealed class StopAt(Func<RunEvent, bool> moment, CancellationTokenSource stop) : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
            if (moment(value)) stop.Cancel();
        }
    }
}
