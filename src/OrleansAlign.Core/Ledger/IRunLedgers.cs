namespace OrleansAlign.Core.Ledger;

/// <summary>The ledgers of many runs.</summary>
public interface IRunLedgers
{
    /// <summary>The runs recorded, by name.</summary>
    Task<IReadOnlyList<string>> RunIdsAsync(CancellationToken cancel = default);

    /// <summary>The ledger of a run, even if the run is not recorded yet. The ledgers object owns it: callers do not dispose of it.</summary>
    IRunLedger Open(string run);
}
