using Microsoft.Data.Sqlite;

namespace OrleansAlign.Ledgers;

/// <summary>Migrates a file to the version of the tables that this program declares; the file's <c>user_version</c> holds its version.</summary>
internal static class SqliteSchema
{
    /// <summary>
    /// Prepares a file for writing: turns on the write-ahead log, and creates the tables of an empty file or applies the migrations that an older file lacks,
    /// in one transaction.
    /// </summary>
    /// <exception cref="InvalidDataException">A newer program wrote the file, or it has other tables than a ledger.</exception>
    public static void Ensure(string path, SqliteSession session)
    {
        // The version is checked before anything is written, so another program's file stays unchanged.
        int before = VersionOf(path, session);
        session.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
        if (before == LedgerTables.Version) return;

        using SqliteTransaction transaction = session.Begin();
        int version = VersionOf(path, session, transaction);
        if (version == LedgerTables.Version) return;

        string steps = string.Concat(Enumerable.Range(version + 1, LedgerTables.Version - version).Select(SqliteDialect.Instance.Migration));
        session.Execute($"{steps} PRAGMA user_version = {LedgerTables.Version}", transaction);
        transaction.Commit();
    }

    /// <summary>The version of a file's schema, 0 for an empty file.</summary>
    /// <exception cref="InvalidDataException">A newer program wrote the file, or it has other tables than a ledger.</exception>
    public static int VersionOf(string path, SqliteSession session, SqliteTransaction? transaction = null)
    {
        int version = (int)session.Number("PRAGMA user_version", transaction);
        if (version > LedgerTables.Version)
        {
            throw new InvalidDataException(
                $"{path}: the ledger has schema version {version}, this program knows up to {LedgerTables.Version}; "
                + "use the program that brought it there, or a newer one");
        }

        Table[] expected = [.. LedgerTables.All.Where(t => t.Version <= version)];
        long tables = session.Number("SELECT count(*) FROM sqlite_schema WHERE type = 'table'", transaction);
        string names = string.Join(", ", expected.Select(t => $"'{t.Name}'"));
        long own = session.Number($"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ({names})", transaction);
        return own == expected.Length && (version > 0 || tables == 0)
            ? version
            : throw new InvalidDataException($"{path}: a SQLite file, but not a ledger: it has other tables; move it elsewhere, or give another folder");
    }
}
