using Microsoft.Data.Sqlite;

namespace OrleansAlign.Ledgers;

/// <summary>The messages for failures of SQLite. No failure passes: SQLite itself has already waited for a lock that another program holds.</summary>
/// <remarks>Result codes: sqlite.org/rescode.html.</remarks>
internal sealed class SqliteFailure(string path)
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, Corrupt = 11, DiskFull = 13, CannotOpen = 14, NotADatabase = 26;

    /// <summary>Whether the rights of the folder or the file do not allow the operation.</summary>
    public static bool IsForbidden(Exception? error) => error is SqliteException { SqliteErrorCode: ReadOnly or CannotOpen };

    /// <summary>The exception to throw instead of a failure.</summary>
    public Exception Explain(Exception error) => error switch
    {
        SqliteException { SqliteErrorCode: NotADatabase or Corrupt } =>
            new InvalidDataException($"{path}: not a readable ledger ({error.Message}); restore it from a copy or start a new run", error),
        SqliteException known => new IOException(
            $"{path}: the ledger could not be used ({known.Message.TrimEnd('.')}); {Remedy(known)}; what was committed is kept", known),
        _ => error,
    };

    private static string Remedy(SqliteException error) => error.SqliteErrorCode switch
    {
        DiskFull => "make room on the disk and resume the run",
        Busy or Locked => "another program holds it: close that and try again",
        ReadOnly or CannotOpen => "give the right to write in its folder",
        _ => "look after the disk and resume the run",
    };
}
