using System.Security.Cryptography;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Core.Telemetry;
using OrleansAlign.Embedded;

namespace OrleansAlign.Tests;

/// <summary>The small recipe as a submission to a cluster, and its result in one process.</summary>
internal static class SmallSubmission
{
    /// <summary>Copies the recipe's data files into the folder of uploads, and lists them.</summary>
    public static RunSubmission Lay(string storage, ulong seed, string version, string recipe = SmallRecipe.Yaml)
    {
        string data = Path.Combine(storage, "source"), uploads = Path.Combine(storage, "uploads");
        Directory.CreateDirectory(data);
        Directory.CreateDirectory(uploads);
        SmallRecipe.Write(data);
        List<SubmittedFile> files = [];
        foreach (string file in Directory.GetFiles(data, "*.jsonl"))
        {
            string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
            File.Copy(file, Path.Combine(uploads, hash), overwrite: true);
            files.Add(new SubmittedFile(Path.GetFileName(file), hash));
        }

        return new RunSubmission(recipe, seed, files, version);
    }

    /// <summary>Waits until the run is not running any more.</summary>
    public static async Task<RunStatus> EndAsync(IRunGrain run)
    {
        long known = 0;
        while (true)
        {
            RunNews news = await run.WatchAsync(known, TimeSpan.FromSeconds(10));
            known = news.Last;
            if (news.Status.Phase != RunPhase.Running) return news.Status;
        }
    }

    /// <summary>The final policy of the same recipe in one process.</summary>
    public static async Task<(string Policy, string Folder)> EmbeddedAsync(ulong seed, string recipe = SmallRecipe.Yaml)
    {
        string folder = Directory.CreateTempSubdirectory("align-embedded-").FullName;
        SmallRecipe.Write(folder);
        RecipeFile parsed = RecipeFile.Parse(recipe, "recipe", folder);
        await using EmbeddedRun run = await EmbeddedRun.CreateAsync(parsed, seed, Path.Combine(folder, "runs"), "test", CancellationToken.None);
        using AlignMetrics metrics = new(TimeProvider.System);
        return (await run.ExecuteAsync(EngineCatalog.Managed, 1, metrics, new Silent(), CancellationToken.None), run.Folder);
    }

    private sealed class Silent : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
        }
    }
}
