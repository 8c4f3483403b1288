using Npgsql;

namespace OrleansAlign.Silo.Schema;

/// <summary>Creates and updates the database schema of Orleans' ADO.NET providers, beside the ledgers'.</summary>
/// <remarks><c>orleans.sql</c> may be run any number of times. It is run when the database has another version of it, by one silo while others wait.</remarks>
public static class OrleansSchema
{
    /// <summary>Raised with every change of <c>orleans.sql</c>.</summary>
    public const int Version = 1;

    /// <summary>Name of the schema.</summary>
    public const string Name = "orleans";

    /// <summary>Number of an advisory lock; any number that no other program locks in the same database.</summary>
    private const long Lock = 0x4F524C45414E53;

    /// <summary>The connection string with which the providers find the schema; all three share one pool.</summary>
    public static string ConnectionString(string database)
    {
        NpgsqlConnectionStringBuilder builder = new(database) { SearchPath = Name };

        // All processes share the server's connections (100 by default).
        if (!builder.ShouldSerialize("Maximum Pool Size")) builder.MaxPoolSize = 8;
        if (!builder.ShouldSerialize("Application Name")) builder.ApplicationName = "align-orleans";
        if (!builder.ShouldSerialize("TCP Keepalive")) builder.TcpKeepAlive = true;
        return builder.ConnectionString;
    }

    /// <summary>Makes or updates the schema; any number of silos may do so at once.</summary>
    /// <param name="database">The database's connection string.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <returns>Whether the schema was created or changed.</returns>
    /// <exception cref="InvalidDataException">The user lacks the right, or a newer program made the schema.</exception>
    public static async Task<bool> EnsureAsync(string database, CancellationToken cancel = default)
    {
        try
        {
            await using NpgsqlConnection connection = new(ConnectionString(database));
            await connection.OpenAsync(cancel).ConfigureAwait(false);
            if (await VersionAsync(connection, cancel).ConfigureAwait(false) == Version) return false;

            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel).ConfigureAwait(false);
            await ScalarAsync(connection, $"SELECT pg_advisory_xact_lock({Lock})", cancel).ConfigureAwait(false);
            if (await VersionAsync(connection, cancel).ConfigureAwait(false) == Version) return false;

            // CREATE SCHEMA IF NOT EXISTS needs the right to create a schema even if an administrator has made it, so its existence is tested first.
            const string exists = $"SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = '{Name}')";
            if (!(bool)(await ScalarAsync(connection, exists, cancel).ConfigureAwait(false))!)
            {
                await ScalarAsync(connection, $"CREATE SCHEMA {Name}", cancel).ConfigureAwait(false);
            }

            await ScalarAsync(connection, Script(), cancel).ConfigureAwait(false);
            await ScalarAsync(
                connection,
                $"CREATE TABLE IF NOT EXISTS {Name}.schema_version (version int PRIMARY KEY); "
                    + $"INSERT INTO {Name}.schema_version VALUES ({Version}) ON CONFLICT DO NOTHING",
                cancel).ConfigureAwait(false);
            await transaction.CommitAsync(cancel).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException error)
        {
            throw new InvalidDataException(
                $"schema {Name} of the database: {error.MessageText} (SQLSTATE {error.SqlState}); "
                    + $"let the user create it: GRANT CREATE ON DATABASE … TO …, or make it: CREATE SCHEMA {Name} AUTHORIZATION …",
                error);
        }
    }

    private static async Task<int> VersionAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        // The catalog is read anew each time; a table's name may be answered from what the session remembers.
        const string exists = $"SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = '{Name}' AND tablename = 'schema_version')";
        if (!(bool)(await ScalarAsync(connection, exists, cancel).ConfigureAwait(false))!) return 0;

        int version = await ScalarAsync(connection, $"SELECT max(version) FROM {Name}.schema_version", cancel).ConfigureAwait(false) as int? ?? 0;
        return version <= Version
            ? version
            : throw new InvalidDataException($"schema {Name} of the database has version {version}, this program knows up to {Version}; "
                + "use the program that brought it there, or a newer one");
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync(cancel).ConfigureAwait(false);
    }

    private static string Script()
    {
        using Stream stream = typeof(OrleansSchema).Assembly.GetManifestResourceStream("orleans.sql")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
