using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Embedded;
using OrleansAlign.Tests;

namespace OrleansAlign.Client.Tests;

/// <summary>The small recipe with its data in a folder, and a run of seed 5 that this process begins and interrupts.</summary>
internal sealed class SmallWorld : IDisposable
{
    public const string Id = "small-seed5";

    public SmallWorld()
    {
        SmallRecipe.Write(Folder);
        File.WriteAllText(Recipe, SmallRecipe.Yaml);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("align-resume-").FullName;

    public string Recipe => Path.Combine(Folder, "recipe.yaml");

    public string Runs => Path.Combine(Folder, "runs");

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Changes the recipe's file.</summary>
    public void Change(string old, string now)
    {
        string text = File.ReadAllText(Recipe);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(Recipe, text.Replace(old, now, StringComparison.Ordinal));
    }

    /// <summary>Gives each round of the second stage twelve steps, so that it can be interrupted in their midst.</summary>
    public void LengthenRounds() => Change("      batch: 16\n", "      batch: 16\n      steps: 12\n");

    /// <summary>Resumes the run in a process.</summary>
    public Task<Ending> ResumeAsync(params string[] options) => Align.RunAsync(null, ["resume", Id, "--runs", Runs, .. options]);

    public static string[] Notes(Ending ending) => [.. ending.OutputLines.Where(line => line.StartsWith("  note: ", StringComparison.Ordinal))];

    public static string Policy(Ending ending) =>
        ending.OutputLines.Single(line => line.StartsWith("Final policy ", StringComparison.Ordinal))["Final policy ".Length..];

    /// <summary>The final policy of a run of the recipe's file that nothing interrupts; its ledger is <see cref="WholeLedger"/>.</summary>
    public async Task<string> WholeAsync(string? recipe = null)
    {
        RecipeFile file = recipe is null ? RecipeFile.Load(Recipe) : RecipeFile.Parse(recipe, "recipe", Folder);
        await using EmbeddedRun run = await EmbeddedRun.CreateAsync(file, 5, Path.Combine(Folder, "whole"), "0.0.0", default);
        using AlignMetrics metrics = new(TimeProvider.System);
        using CancellationTokenSource never = new();
        return await run.ExecuteAsync(EngineCatalog.Managed, 1, metrics, new StopAt(_ => false, never), default);
    }

    public string WholeLedger => Path.Combine(Folder, "whole", Id, "ledger.db");

    /// <summary>Starts the run in this process and interrupts it at an event.</summary>
    public async Task RunUntilAsync(Func<RunEvent, bool> moment)
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
