using OrleansAlign.Core.Ledger;
using OrleansAlign.Hosting.Ledger;

namespace OrleansAlign.Silo.Cluster;

/// <summary>The ledgers in PostgreSQL, as the grains know them. They stay the process's own, which closes them after the silo.</summary>
internal sealed class SharedLedgers(PostgresLedgers ledgers) : IRunLedgers
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunIdsAsync(CancellationToken cancel = default) => ledgers.RunIdsAsync(cancel);

    /// <inheritdoc/>
    public IRunLedger Open(string run) => ledgers.Open(run);
}
