using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Embedded;
using OrleansAlign.Ledgers;
using OrleansAlign.Core.Policies;

namespace OrleansAlign.Client.Commands;

/// <summary>Finds the model that a user means: a folder, a run (its latest policy), or run@policy (by the beginning of its hash).</summary>
internal static class PolicyFolder
{
    /// <summary>The model's folder.</summary>
    /// <exception cref="BadInputException">Nothing fits, or more than one policy does.</exception>
    public static async Task<string> FindAsync(string name, string runs, CancellationToken cancel)
    {
        if (File.Exists(Path.Combine(name, "config.json"))) return name;
        string[] parts = name.Split('@', 2);
        if (!EmbeddedRun.Ids(runs).Contains(parts[0]))
        {
            throw new BadInputException($"{name}: neither a folder with config.json nor a run in {runs}; give one, or choose the folder of runs with --runs");
        }

        string folder = EmbeddedRun.FolderOf(runs, parts[0]);
        await using SqliteLedger ledger = SqliteLedger.OpenToRead(EmbeddedRun.LedgerPath(folder));
        IReadOnlyList<RoundRow> rounds = await ledger.RoundsAsync(cancel).ConfigureAwait(false);
        string[] fitting = [.. rounds.Select(r => r.PolicyAfter).Where(h => parts.Length == 1 || h.StartsWith(parts[1], StringComparison.Ordinal)).Distinct()];
        if (fitting.Length == 0) throw new BadInputException($"{name}: the run has no such policy; it has {string.Join(", ", rounds.Select(r => r.PolicyAfter[..12]).Distinct())}");
        if (parts.Length == 2 && fitting.Length > 1) throw new BadInputException($"{name}: {fitting.Length} policies begin so; give more of the hash");
        return new FilePolicyStore(Path.Combine(folder, "policies")).Folder(fitting[^1]);
    }
}
