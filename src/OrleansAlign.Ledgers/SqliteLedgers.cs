using OrleansAlign.Core.Ledger;

namespace OrleansAlign.Ledgers;

/// <summary>The ledgers of many runs, a SQLite file each in one folder: for a cluster within one process.</summary>
/// <param name="folder">The folder; made when first needed.</param>
public sealed class SqliteLedgers(string folder) : IRunLedgers, IAsyncDisposable
{
    private readonly Dictionary<string, SqliteLedger> open = [];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RunIdsAsync(CancellationToken cancel = default)
    {
        List<string> recorded = [];
        string[] ids = Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.db").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)] : [];
        foreach (string id in ids)
        {
            if (await Open(id).RunAsync(cancel).ConfigureAwait(false) is not null) recorded.Add(id);
        }

        return recorded;
    }

    /// <inheritdoc/>
    public IRunLedger Open(string run)
    {
        lock (open)
        {
            if (!open.TryGetValue(run, out SqliteLedger? ledger)) open[run] = ledger = SqliteLedger.Open(Path.Combine(folder, run + ".db"));
            return ledger;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (SqliteLedger ledger in open.Values) await ledger.DisposeAsync().ConfigureAwait(false);
    }
}
