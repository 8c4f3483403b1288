using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Tests;

namespace OrleansAlign.Embedded.Tests;

/// <summary>Runs of the small recipe in folders of their own.</summary>
internal sealed class SmallRun : IDisposable
{
    public const string Recipe = SmallRecipe.Yaml;

    public SmallRun()
    {
        Folder = Directory.CreateTempSubdirectory("align-run-").FullName;
        SmallRecipe.Write(Folder);
    }

    public string Folder { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Starts a run in a folder of its own and works on it until it ends or is cancelled.</summary>
    public async Task<string> RunAsync(
        string runs, int threads, IProgress<RunEvent>? progress = null, string recipe = Recipe, AlignMetrics? metrics = null,
        CancellationToken cancel = default)
    {
        RecipeFile parsed = RecipeFile.Parse(recipe, "recipe", Folder);
        await using EmbeddedRun run = await EmbeddedRun.CreateAsync(parsed, 5, Path.Combine(Folder, runs), "0.0.0", CancellationToken.None);
        using AlignMetrics own = new(TimeProvider.System);
        return await run.ExecuteAsync(EngineCatalog.Managed, threads, metrics ?? own, progress ?? new Silent(), cancel);
    }

    public async Task<string> ResumeAsync(string runs, int threads, IProgress<RunEvent>? progress = null, CancellationToken cancel = default)
    {
        await using EmbeddedRun run = await EmbeddedRun.OpenAsync(Path.Combine(Folder, runs), "small-seed5", CancellationToken.None);
        using AlignMetrics metrics = new(TimeProvider.System);
        return await run.ExecuteAsync(EngineCatalog.Managed, threads, metrics, progress ?? new Silent(), cancel);
    }

    /// <summary>Everything that the ledger has of a round's pairs, as text.</summary>
    public async Task<string> PairsAsync(string runs)
    {
        await using EmbeddedRun run = await EmbeddedRun.OpenAsync(Path.Combine(Folder, runs), "small-seed5", CancellationToken.None);
        List<string> lines = [];
        foreach (int round in new[] { 1, 2 })
        {
            IReadOnlyList<PairSetRow> sets = await run.Ledger.PairSetsAsync(1, round, 0, int.MaxValue);
            lines.AddRange(sets.Select(set => $"{set.Key} {string.Join(' ', set.Pairs)} {string.Join(' ', set.Matches)}"));
        }

        return string.Join('\n', lines);
    }

    private sealed class Silent : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
        }
    }
}
