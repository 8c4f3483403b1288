namespace OrleansAlign.Ledgers;

/// <summary>A run's ledger in one SQLite file with a write-ahead log and one writer: a killed process loses at most the calls under way.</summary>
public sealed class SqliteLedger : TableLedger
{
    private SqliteLedger(SqliteStore store)
        : base(store, run: null, ownsStore: true)
    {
    }

    /// <summary>Version of the schema that this program knows; an older file is brought up to it, a newer one is refused.</summary>
    public static int SchemaVersion => LedgerTables.Version;

    /// <inheritdoc cref="SqliteStore.Open"/>
    public static SqliteLedger Open(string path) => new(SqliteStore.Open(path));

    /// <inheritdoc cref="SqliteStore.OpenToRead(string)"/>
    public static SqliteLedger OpenToRead(string path) => new(SqliteStore.OpenToRead(path));
}
