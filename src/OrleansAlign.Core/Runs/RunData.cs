using System.Security.Cryptography;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Core.Runs;

/// <summary>Holds a run to the data that it began with: it is resumed on the same files, or not at all.</summary>
public static class RunData
{
    /// <summary>A new run as it is recorded, with the hash of every data file that its recipe names.</summary>
    public static RunRow Record(string run, RecipeFile recipe, ulong seed, string version)
    {
        IReadOnlyList<DataFileHash> files = Hash(recipe);
        return new RunRow(run, recipe.Text, recipe.Folder, seed, Combine(files), version) { DataFiles = files, RecipePath = recipe.Source ?? "" };
    }

    /// <summary>Checks that the data files are there.</summary>
    /// <param name="run">The run.</param>
    /// <param name="recipe">Its recipe, in the folder where the data is looked for.</param>
    /// <param name="remedy">What to do if a file is missing.</param>
    /// <exception cref="InvalidDataException">Some are missing; the message has a line for each.</exception>
    public static void ThrowIfMissing(RunRow run, RecipeFile recipe, string remedy)
    {
        string[] problems = [.. recipe.DataFiles().Where(file => !File.Exists(file.Path))
            .Select(file => $"{run.RunId}: {file.Key}: there is no file {file.Path}; {remedy}")];
        if (problems.Length > 0) throw new InvalidDataException(string.Join(Environment.NewLine, problems.Distinct()));
    }

    /// <summary>Checks that no data file changed since the run was recorded.</summary>
    /// <exception cref="InvalidDataException">Some did; the message names them.</exception>
    public static void ThrowIfChanged(RunRow run, RecipeFile recipe)
    {
        IReadOnlyList<DataFileHash> files = Hash(recipe);
        if (Combine(files) == run.DataHash) return;
        string[] changed = [.. files.Except(run.DataFiles).Concat(run.DataFiles.Except(files)).Select(file => file.Path).Distinct()];
        string what = run.DataFiles.Count == 0 || changed.Length == 0 ? "a data file of the recipe" : string.Join(", ", changed);
        throw new InvalidDataException($"{run.RunId}: {what} changed since the run began; put back what was in {recipe.Folder}, or start a new run");
    }

    private static IReadOnlyList<DataFileHash> Hash(RecipeFile recipe) => [.. recipe.DataFiles().SelectMany(named => DataPaths.Files(named.Path)).Select(file =>
    {
        using FileStream content = File.OpenRead(file);
        return new DataFileHash(Path.GetRelativePath(recipe.Folder, file), Convert.ToHexStringLower(SHA256.HashData(content)));
    })];

    private static string Combine(IReadOnlyList<DataFileHash> files) =>
        Convert.ToHexStringLower(SHA256.HashData([.. files.SelectMany(file => Convert.FromHexString(file.Sha256))]));
}
