using OrleansAlign.Client.Hosts;
using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;

namespace OrleansAlign.Client.Commands;

/// <summary>What a user should know before a run begins or goes on, in a line each; null where there is nothing to say.</summary>
internal static class RunNotes
{
    /// <summary>That runs of the same recipe name lie unfinished, and how to go on with the one begun last by name.</summary>
    public static async Task<string?> OfUnfinishedAsync(IRunHost host, string recipe, CancellationToken cancel)
    {
        List<string> unfinished = [];
        foreach (string id in await host.RunsAsync(cancel).ConfigureAwait(false))
        {
            if (!id.StartsWith($"{recipe}-seed", StringComparison.Ordinal)) continue;
            if (await StandingAsync(host, id, recipe, cancel).ConfigureAwait(false) is { IsFinished: false } standing)
            {
                string outlook = await host.OutlookAsync(id, cancel).ConfigureAwait(false);
                unfinished.Add($"{id} lies unfinished, {standing.Done} of {standing.Total} rounds done: {outlook.ReplaceLineEndings(" ")}");
            }
        }

        string others = unfinished.Count > 1 ? $" ({unfinished.Count - 1} more of this recipe: ./align status{host.Hint})" : "";
        return unfinished.Count == 0 ? null : unfinished[^1] + others;
    }

    /// <summary>That the recipe file which a run was started from says something else now, what of it, and what to do.</summary>
    /// <param name="run">The run.</param>
    /// <param name="hint">The option by which other commands find the run's host.</param>
    /// <param name="canChange">Whether the host can go on with another recipe.</param>
    public static string? OfChangedRecipe(RunRow run, string hint, bool canChange)
    {
        if (run.RecipePath.Length == 0 || !File.Exists(run.RecipePath)) return null;
        const string rule = "the run goes on with the recipe that it was started with";
        try
        {
            IReadOnlyList<RecipeDifference> differences = RecipeDifference.Between(run.Recipe, File.ReadAllText(run.RecipePath), run.RecipePath);
            string remedy = canChange
                ? $"to use the file, from the last stage on which both agree: ./align resume {run.RunId} --with-recipe {run.RecipePath}{hint}"
                : $"to use the file, start a new run: ./align run {run.RecipePath}{hint}";
            return differences.Count == 0
                ? null
                : $"{run.RecipePath} changed since the run began: {RecipeDifference.Line([.. differences.Select(d => d.ToString())])}. Now {rule}; {remedy}";
        }
        catch (RecipeException error)
        {
            return $"{error.Message.ReplaceLineEndings(" ")}; {rule}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"{run.RecipePath}: {error.Message.TrimEnd('.')}, so it cannot be compared; {rule}";
        }
    }

    /// <summary>How far a run is; null if it is not recorded, belongs to another recipe, or cannot be read.</summary>
    private static async Task<RunStanding?> StandingAsync(IRunHost host, string id, string recipe, CancellationToken cancel)
    {
        try
        {
            await using ILedgerReader ledger = await host.OpenLedgerAsync(id, cancel).ConfigureAwait(false);
            if (await ledger.RunAsync(cancel).ConfigureAwait(false) is not { } row) return null;
            Recipe recorded = RecipeFile.Parse(row.Recipe, $"{id}: recipe", row.Folder, needFiles: false).Recipe;
            return recorded.Name == recipe ? RunStanding.Of(recorded, await ledger.RoundsAsync(cancel).ConfigureAwait(false)) : null;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or RecipeException or BadInputException)
        {
            // `align status` lists such a run with its error.
            return null;
        }
    }
}
