using Npgsql;

namespace OrleansAlign.Ledgers;

/// <summary>Migrates a database to the version of the tables that this program declares, in a schema of its own.</summary>
internal static class PostgresSchema
{
    private static readonly VersionedSchema Schema = new("align", LedgerTables.Version, Lock: 0x414C49474E, PostgresDialect.Instance.Migration);

    /// <summary>Applies the missing migrations.</summary>
    /// <exception cref="InvalidDataException">The database has a newer schema, or cannot hold any text.</exception>
    public static async Task<bool> EnsureAsync(NpgsqlConnection connection, string database, CancellationToken cancel)
    {
        string encoding = (string)(await VersionedSchema.ScalarAsync(connection, "SHOW server_encoding", cancel).ConfigureAwait(false))!;
        return encoding == "UTF8"
            ? await Schema.EnsureAsync(connection, $"{database}: the ledgers have schema", cancel).ConfigureAwait(false)
            : throw new InvalidDataException(
                $"{database}: its encoding is {encoding}, which cannot hold every text; create one with ENCODING 'UTF8' TEMPLATE template0");
    }
}
