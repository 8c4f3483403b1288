using OrleansAlign.Core.Ledger;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Core.Runs;
using OrleansAlign.Ledgers;

namespace OrleansAlign.Embedded;

/// <summary>A policy or trainer state that was looked at.</summary>
/// <param name="Name">Its path within the run's folder.</param>
/// <param name="Bytes">Its size on disk.</param>
/// <param name="Reason">Why it is kept; null: it is not needed.</param>
public sealed record PrunedItem(string Name, long Bytes, string? Reason);

/// <summary>Frees the policies and trainer states that a run does not need any more. Ledger, data and the needed policies stay.</summary>
public static class RunPruning
{
    private const string Freed = ".freed";

    /// <summary>Frees what a run does not need.</summary>
    /// <param name="runs">The folder of runs.</param>
    /// <param name="id">The run.</param>
    /// <param name="keep">Policies to keep besides, by the first digits of their hashes.</param>
    /// <param name="isDry">Whether nothing is deleted.</param>
    /// <param name="cancel">Ends the work before the first deletion.</param>
    /// <returns>Everything that was looked at, policies first.</returns>
    /// <exception cref="InvalidDataException">
    /// There is no such run, a process is working on it, a policy that it needs is missing, or no policy begins as one to keep.
    /// </exception>
    public static async Task<IReadOnlyList<PrunedItem>> PruneAsync(
        string runs, string id, IReadOnlyList<string> keep, bool isDry, CancellationToken cancel)
    {
        string folder = EmbeddedRun.FolderOf(runs, id);
        using FileStream guard = EmbeddedRun.Guard(folder) ?? throw EmbeddedRun.Busy(folder);
        string policies = Path.Combine(folder, EmbeddedRun.PoliciesName), states = Path.Combine(folder, EmbeddedRun.StatesName);
        PruningPlan plan = await PlanAsync(folder, id, keep, cancel).ConfigureAwait(false);
        string? lost = plan.Policies.Keys.FirstOrDefault(policy => !Directory.Exists(Path.Combine(policies, policy)));
        if (lost is not null)
        {
            throw new InvalidDataException($"{policies}: policy {lost} is missing, {plan.Policies[lost]}; nothing was freed: put its folder back first");
        }

        List<PrunedItem> items = [];
        string[] found = Directory.Exists(policies) ? [.. Directory.GetDirectories(policies).Order(StringComparer.Ordinal)] : [];
        foreach (string path in found)
        {
            long bytes = new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
            string? reason = plan.Policies.GetValueOrDefault(Path.GetFileName(path));
            items.Add(new PrunedItem(Path.GetRelativePath(folder, path), bytes, reason));
            if (isDry || reason is not null) continue;

            // Renamed first: a process that is killed while it deletes must not leave half a policy under the policy's name.
            string aside = path.EndsWith(Freed, StringComparison.Ordinal) ? path : path + Freed;
            if (aside != path) Directory.Move(path, aside);
            Directory.Delete(aside, recursive: true);
        }

        found = Directory.Exists(states) ? [.. Directory.GetFiles(states).Order(StringComparer.Ordinal)] : [];
        foreach (string path in found)
        {
            string? reason = plan.States.Contains(Path.GetFileName(path)) ? "training goes on from it" : null;
            items.Add(new PrunedItem(Path.GetRelativePath(folder, path), new FileInfo(path).Length, reason));
            if (!isDry && reason is null) File.Delete(path);
        }

        return items;
    }

    private static async Task<PruningPlan> PlanAsync(string folder, string id, IReadOnlyList<string> keep, CancellationToken cancel)
    {
        await using SqliteLedger ledger = SqliteLedger.OpenToRead(EmbeddedRun.LedgerPath(folder));
        RunRow row = await ledger.RunAsync(cancel).ConfigureAwait(false) ?? throw EmbeddedRun.NotRecorded(folder);
        Recipe recipe = RecipeFile.Parse(row.Recipe, $"{id}: recipe", row.Folder, needFiles: false).Recipe;
        return await PruningPlan.OfAsync(recipe, ledger, keep, cancel).ConfigureAwait(false);
    }
}
