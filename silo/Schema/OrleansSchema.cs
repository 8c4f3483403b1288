using Npgsql;
using OrleansAlign.Ledgers;

namespace OrleansAlign.Silo.Schema;

/// <summary>Creates and updates the database schema of Orleans' ADO.NET providers, beside the ledgers'.</summary>
/// <remarks><c>orleans.sql</c> may be run any number of times. It is run when the database has another version of it, by one silo while others wait.</remarks>
public static class OrleansSchema
{
    /// <summary>Raised with every change of <c>orleans.sql</c>.</summary>
    public const int Version = 1;

    /// <summary>Name of the schema.</summary>
    public const string Name = "orleans";

    private static readonly VersionedSchema Schema = new(Name, Version, Lock: 0x4F524C45414E53, _ => Script());

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
            return await Schema.EnsureAsync(connection, $"schema {Name} of the database has", cancel).ConfigureAwait(false);
        }
        catch (PostgresException error)
        {
            throw new InvalidDataException(
                $"schema {Name} of the database: {error.MessageText} (SQLSTATE {error.SqlState}); "
                    + $"let the user create it: GRANT CREATE ON DATABASE … TO …, or make it: CREATE SCHEMA {Name} AUTHORIZATION …",
                error);
        }
    }

    private static string Script()
    {
        using Stream stream = typeof(OrleansSchema).Assembly.GetManifestResourceStream("orleans.sql")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
