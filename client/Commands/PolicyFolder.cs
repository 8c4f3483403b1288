using OrleansAlign.Client.Terminal;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Embedded;
using OrleansAlign.Ledgers;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Runs;

namespace OrleansAlign.Client.Commands;

/// <summary>Finds a model by its name: a folder, a run (its latest policy), or run@hash (the beginning of a policy's hash).</summary>
internal static class PolicyFolder
{
    /// <summary>The model's folder.</summary>
    /// <exception cref="BadInputException">No model has the name, or more than one policy does.</exception>
    public static async Task<string> FindAsync(string name, string runs, CancellationToken cancel)
    {
        if (File.Exists(Path.Combine(name, "config.json"))) return name;
        (string run, string? hash) = RunNames.SplitPolicy(name);
        if (!EmbeddedRun.Ids(runs).Contains(run))
        {
            throw new BadInputException($"{name}: neither a folder with config.json nor a run in {runs}; give one, or choose the folder of runs with --runs");
        }

        string folder = EmbeddedRun.FolderOf(runs, run);
        await using SqliteLedger ledger = SqliteLedger.OpenToRead(EmbeddedRun.LedgerPath(folder));
        IReadOnlyList<RoundRow> rounds = await ledger.RoundsAsync(cancel).ConfigureAwait(false);
        return new FilePolicyStore(Path.Combine(folder, "policies")).Folder(RunNames.FindPolicy(name, hash, rounds.Select(r => r.PolicyAfter)));
    }
}
