using System.Collections.Concurrent;
using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Ledgers;

/// <summary>The ledgers of many runs, a SQLite file each (<c>FOLDER/RUN.db</c>): for a cluster of one silo. Safe for any number of callers at once.</summary>
/// <remarks>
/// A file is opened when it is needed, and created with the first row. Of the files that no call uses, the 16 used last stay open. Only one process may work on
/// a folder: file systems shared by several machines do not lock files reliably.
/// </remarks>
/// <param name="folder">The folder; created when it is first needed.</param>
public sealed class SqliteLedgers(string folder) : IRunLedgers, IAsyncDisposable
{
    private readonly SqliteFolder files = new(folder, mostIdle: 16);

    // A recorded run stays recorded, so later listings do not open its file again.
    private readonly ConcurrentDictionary<string, bool> known = new(StringComparer.Ordinal);

    /// <summary>The runs recorded, by name. A file that cannot be read counts as one: the calls that read the run then say what is wrong with it.</summary>
    public async Task<IReadOnlyList<string>> RunIdsAsync(CancellationToken cancel = default)
    {
        List<string> recorded = [];
        foreach (string run in files.Runs())
        {
            try
            {
                if (!known.ContainsKey(run) && await Open(run).RunAsync(cancel).ConfigureAwait(false) is null) continue;
                known[run] = true;
                recorded.Add(run);
            }
            catch (Exception error) when (error is InvalidDataException or IOException)
            {
                recorded.Add(run);
            }
        }

        return recorded;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The name is no valid file name.</exception>
    public IRunLedger Open(string run) => run is not ("" or "." or "..") && run == Path.GetFileName(run) && !run.Contains('\0')
        ? TableLedger.Of(files, run)
        : throw new ArgumentException($"'{run}' cannot name a run: its ledger is a file of that name", nameof(run));

    /// <summary>Commits the rows that have been added, and closes the files.</summary>
    public ValueTask DisposeAsync() => files.DisposeAsync();
}
