using Npgsql;

namespace OrleansAlign.Ledgers;

/// <summary>A schema of a PostgreSQL database that is brought up to date step by step; its table <c>schema_version</c> keeps the versions it has had.</summary>
/// <param name="Name">Name of the schema.</param>
/// <param name="Version">The version that this program needs, at least 1.</param>
/// <param name="Lock">Number of the advisory lock: arbitrary, but other programs in the same database must not use it.</param>
/// <param name="Migration">The statements that lead from the version before to a version.</param>
public sealed record VersionedSchema(string Name, int Version, long Lock, Func<int, string> Migration)
{
    /// <summary>Applies the missing migrations in one transaction. Of several processes that start at once, one applies them and the others wait.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="subject">Beginning of the sentence that tells a newer version.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <returns>Whether the schema was created or changed.</returns>
    /// <exception cref="InvalidDataException">The database has a newer version.</exception>
    public async Task<bool> EnsureAsync(NpgsqlConnection connection, string subject, CancellationToken cancel)
    {
        if (await FindVersionAsync(connection, subject, cancel).ConfigureAwait(false) == Version) return false;

        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel).ConfigureAwait(false);
        await ScalarAsync(connection, $"SELECT pg_advisory_xact_lock({Lock})", cancel).ConfigureAwait(false);
        int version = await FindVersionAsync(connection, subject, cancel).ConfigureAwait(false);
        if (version == Version) return false;

        // Checked first, because CREATE SCHEMA IF NOT EXISTS needs the right to create schemas even if an administrator has created this one.
        string exists = $"SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = '{Name}')";
        if (version == 0 && !(bool)(await ScalarAsync(connection, exists, cancel).ConfigureAwait(false))!)
        {
            await ScalarAsync(connection, $"CREATE SCHEMA {Name}", cancel).ConfigureAwait(false);
        }

        string table = $"CREATE TABLE IF NOT EXISTS {Name}.schema_version (version int PRIMARY KEY)";
        if (version == 0) await ScalarAsync(connection, table, cancel).ConfigureAwait(false);
        for (; version < Version; version++)
        {
            string step = $"{Migration(version + 1)} INSERT INTO {Name}.schema_version VALUES ({version + 1})";
            await ScalarAsync(connection, step, cancel).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancel).ConfigureAwait(false);
        return true;
    }

    internal static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync(cancel).ConfigureAwait(false);
    }

    private async Task<int> FindVersionAsync(NpgsqlConnection connection, string subject, CancellationToken cancel)
    {
        // The catalog itself, not to_regclass, which may answer from a cache that the session filled before it had the lock.
        string exists = $"SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = '{Name}' AND tablename = 'schema_version')";
        if (!(bool)(await ScalarAsync(connection, exists, cancel).ConfigureAwait(false))!) return 0;

        int version = await ScalarAsync(connection, $"SELECT max(version) FROM {Name}.schema_version", cancel).ConfigureAwait(false) as int? ?? 0;
        return version <= Version
            ? version
            : throw new InvalidDataException(
                $"{subject} version {version}, this program knows up to {Version}; use the program that brought it there, or a newer one");
    }
}
