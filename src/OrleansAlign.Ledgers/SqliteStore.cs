using Microsoft.Data.Sqlite;

namespace OrleansAlign.Ledgers;

/// <summary>The rows of one run in one SQLite file with a write-ahead log: one writer commits what many callers add, and readers do not wait for it.</summary>
/// <remarks>
/// A call completes when its rows are written to the log file, which is not yet synced to disk (<c>synchronous = NORMAL</c>): a killed process loses no commit
/// that a call reported. A power failure may lose the last commits but leaves the file consistent.
/// </remarks>
internal sealed class SqliteStore : LedgerStore
{
    private readonly string path;
    private readonly int version;
    private readonly SqliteFailure failure;
    private readonly SqliteSession reader;
    private readonly SqliteSession? writer;
    private readonly GroupCommit? commits;
    private readonly SemaphoreSlim reading = new(1);
    private readonly Dictionary<Table, (string Insert, string Find)> statements;
    private bool closed;

    private SqliteStore(string path, int version, SqliteSession reader, SqliteSession? writer)
    {
        (this.path, this.version, this.reader, this.writer, failure) = (path, version, reader, writer, new SqliteFailure(path));
        statements = LedgerTables.All.ToDictionary(t => t, t => (SqliteDialect.Instance.Insert(t), SqliteDialect.Instance.Find(t, version)));

        // A batch needs no limit: it has at most one call per caller.
        if (writer is not null) commits = new GroupCommit(1, (int.MaxValue, long.MaxValue), patience: null, InsertAsync, (error, _) => failure.Explain(error));
    }

    /// <summary>Opens a file, creates it if it does not exist, and migrates it to the present schema.</summary>
    /// <exception cref="InvalidDataException">The file is no ledger, or a newer program wrote it.</exception>
    /// <exception cref="IOException">The file or its folder cannot be used.</exception>
    public static SqliteStore Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return Explained(path, () =>
        {
            SqliteSession writer = SqliteSession.Open(path, SqliteOpenMode.ReadWriteCreate);
            try
            {
                SqliteSchema.Ensure(path, writer);
                return new SqliteStore(path, LedgerTables.Version, SqliteSession.Open(path, SqliteOpenMode.ReadWrite), writer);
            }
            catch
            {
                writer.Dispose();
                throw;
            }
        });
    }

    /// <summary>Opens an existing file for reading. Nothing is written, so another process may work on the file, and its folder may be read-only.</summary>
    /// <exception cref="InvalidDataException">There is no file, it is no ledger, or a newer program wrote it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SqliteStore OpenToRead(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path}: there is no ledger; give the folder of a run");

        try
        {
            return OpenToRead(path, path);
        }
        catch (IOException error) when (SqliteFailure.IsForbidden(error.InnerException) && new FileInfo(path + "-wal") is not { Exists: true, Length: > 0 })
        {
            // SQLite creates files beside the ledger, which a read-only folder does not allow. If there is no log to read, it does not need them.
            return OpenToRead(path, $"{new Uri(Path.GetFullPath(path)).AbsoluteUri}?immutable=1");
        }
    }

    /// <inheritdoc/>
    public override Task<bool[]> AddAsync(string run, Table table, IReadOnlyList<object?[]> rows, CancellationToken cancel) => commits is not null
        ? commits.AddAsync(run, table, rows, cancel)
        : throw new IOException($"{path}: the ledger was opened to be read, nothing can be added; open it for writing");

    /// <inheritdoc/>
    public override Task<IReadOnlyList<object>> ReadAsync(string run, Table table, KeyFilter filter, CancellationToken cancel) =>
        QueryAsync<IReadOnlyList<object>>(table, [], () =>
        {
            Statement statement = SqliteDialect.Instance.Select(table, run, filter, version);
            using SqliteDataReader result = reader.Prepare(statement.Sql, statement.Values).ExecuteReader();
            StoredRow row = new(result, text => text);
            List<object> all = [];
            while (result.Read()) all.Add(table.RowOf(row));
            return all;
        },
        cancel);

    /// <inheritdoc/>
    public override Task<object?[]> FindAsync(string run, Table table, IReadOnlyList<object[]> keys, CancellationToken cancel)
    {
        var found = new object?[keys.Count];
        return QueryAsync(
            table, found, () =>
            {
                for (int i = 0; i < found.Length; i++)
                {
                    using SqliteDataReader result = reader.Prepare(statements[table].Find, keys[i]).ExecuteReader();
                    if (result.Read()) found[i] = table.RowOf(new StoredRow(result, text => text) { Key = keys[i] });
                }

                return found;
            },
            cancel);
    }

    /// <inheritdoc/>
    public override Task<long> CountAsync(string run, Table table, KeyFilter filter, CancellationToken cancel) => QueryAsync(
        table, 0, () =>
        {
            Statement statement = SqliteDialect.Instance.Count(table, run, filter);
            return (long)reader.Prepare(statement.Sql, statement.Values).ExecuteScalar()!;
        },
        cancel);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref closed, true)) return;
        if (commits is not null) await commits.DisposeAsync().ConfigureAwait(false);
        await reading.WaitAsync().ConfigureAwait(false);

        // The writer closes last: the last connection merges the log into the file.
        reader.Dispose();
        writer?.Dispose();
        reading.Dispose();
    }

    private static SqliteStore OpenToRead(string path, string source) => Explained(path, () =>
    {
        SqliteSession reader = SqliteSession.Open(source, SqliteOpenMode.ReadOnly);
        try
        {
            return SqliteSchema.VersionOf(path, reader) is var version and > 0
                ? new SqliteStore(path, version, reader, writer: null)
                : throw new InvalidDataException(
                    $"{path}: the ledger is empty; its run is only beginning, or was killed before it began: then delete its folder and start it again");
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    });

    private static SqliteStore Explained(string path, Func<SqliteStore> open)
    {
        try
        {
            return open();
        }
        catch (SqliteException error)
        {
            throw new SqliteFailure(path).Explain(error);
        }
    }

    /// <summary>Queries the file; a table that an older file lacks counts as empty.</summary>
    private async Task<T> QueryAsync<T>(Table table, T empty, Func<T> query, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (table.Version > version) return empty;
        await reading.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return query();
        }
        catch (SqliteException error)
        {
            throw failure.Explain(error);
        }
        finally
        {
            reading.Release();
        }
    }

    private Task<bool[][]> InsertAsync(List<AddCall> batch)
    {
        using SqliteTransaction transaction = writer!.Begin();
        bool[][] added = [.. batch.Select(call => call.Rows.Select(row => IsNew(call.Table, row)).ToArray())];
        transaction.Commit();
        return Task.FromResult(added);

        bool IsNew(Table table, object?[] row) => writer.Prepare(statements[table].Insert, row, transaction).ExecuteNonQuery() == 1;
    }
}
