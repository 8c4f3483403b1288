using Npgsql;

namespace OrleansAlign.Ledgers;

/// <summary>Migrates a database to the version of the tables that this program declares, in a schema of its own.</summary>
internal static class PostgresSchema
{
    /// <summary>Number of the advisory lock: arbitrary, but other programs in the same database must not use it.</summary>
    private const long Lock = 0x414C49474E;

    /// <summary>Applies the missing migrations in one transaction. Of several processes that start at once, one applies them and the others wait.</summary>
    /// <exception cref="InvalidDataException">The database has a newer schema, or cannot hold any text.</exception>
    public static async Task<bool> EnsureAsync(NpgsqlConnection connection, string database, CancellationToken cancel)
    {
        string encoding = (string)(await ScalarAsync(connection, "SHOW server_encoding", cancel).ConfigureAwait(false))!;
        if (encoding != "UTF8")
        {
            throw new InvalidDataException(
                $"{database}: its encoding is {encoding}, which cannot hold every text; create one with ENCODING 'UTF8' TEMPLATE template0");
        }

        if (await VersionAsync(connection, database, cancel).ConfigureAwait(false) == LedgerTables.Version) return false;

        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel).ConfigureAwait(false);
        await ScalarAsync(connection, $"SELECT pg_advisory_xact_lock({Lock})", cancel).ConfigureAwait(false);
        int version = await VersionAsync(connection, database, cancel).ConfigureAwait(false);
        if (version == LedgerTables.Version) return false;

        // Checked first, because CREATE SCHEMA IF NOT EXISTS needs the right to create schemas even if an administrator has created this one.
        const string exists = "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'align')";
        if (version == 0 && !(bool)(await ScalarAsync(connection, exists, cancel).ConfigureAwait(false))!)
        {
            await ScalarAsync(connection, "CREATE SCHEMA align", cancel).ConfigureAwait(false);
        }

        if (version == 0) await ScalarAsync(connection, "CREATE TABLE align.schema_version (version int PRIMARY KEY)", cancel).ConfigureAwait(false);
        for (; version < LedgerTables.Version; version++)
        {
            string step = $"{PostgresDialect.Instance.Migration(version + 1)} INSERT INTO align.schema_version VALUES ({version + 1})";
            await ScalarAsync(connection, step, cancel).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancel).ConfigureAwait(false);
        return true;
    }

    private static async Task<int> VersionAsync(NpgsqlConnection connection, string database, CancellationToken cancel)
    {
        // The catalog itself, not to_regclass, which may answer from a cache that the session filled before it had the lock.
        const string exists = "SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'align' AND tablename = 'schema_version')";
        if (!(bool)(await ScalarAsync(connection, exists, cancel).ConfigureAwait(false))!) return 0;

        int version = await ScalarAsync(connection, "SELECT max(version) FROM align.schema_version", cancel).ConfigureAwait(false) as int? ?? 0;
        return version <= LedgerTables.Version
            ? version
            : throw new InvalidDataException(
                $"{database}: the ledgers have schema version {version}, this program knows up to {LedgerTables.Version}; "
                + "use the program that brought it there, or a newer one");
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync(cancel).ConfigureAwait(false);
    }
}
