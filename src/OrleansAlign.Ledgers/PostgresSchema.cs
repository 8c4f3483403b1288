using Npgsql;

namespace OrleansAlign.Ledgers;

/// <summary>Brings a database to the schema that this program knows: SQLite's tables with the run in every key, in a schema of their own.</summary>
internal static class PostgresSchema
{
    /// <summary>What the steps lead to.</summary>
    public static int Version => Steps.Length;

    /// <summary>Any number that no other program locks in the same database.</summary>
    private const long Lock = 0x414C49474E;

    /// <summary>Step n leads from version n to n + 1. A step that was ever released is never changed: databases have taken it already.</summary>
    private static readonly string[] Steps =
    [
        // Keys compare by bytes (COLLATE "C"): faster, and the same whatever locale the database has.
        """
        CREATE TABLE align.run (run text COLLATE "C" PRIMARY KEY, recipe text NOT NULL, folder text NOT NULL, seed text NOT NULL, data_hash text NOT NULL, version text NOT NULL);
        CREATE TABLE align.completion (run text COLLATE "C", stage int, round int, prompt int, candidate int, prompt_id text NOT NULL, policy text NOT NULL, seed text NOT NULL,
            finish text NOT NULL, tokens bytea NOT NULL, log_probs bytea NOT NULL, text text NOT NULL, PRIMARY KEY (run, stage, round, prompt, candidate));
        CREATE TABLE align.verdict (run text COLLATE "C", judge text COLLATE "C", context text COLLATE "C", a text COLLATE "C", b text COLLATE "C", outcome text NOT NULL,
            margin float8, verdict text NOT NULL, PRIMARY KEY (run, judge, context, a, b));
        CREATE TABLE align.rating (run text COLLATE "C", rater text COLLATE "C", context text COLLATE "C", response text COLLATE "C", score float8, reason text,
            PRIMARY KEY (run, rater, context, response));
        CREATE TABLE align.pair_set (run text COLLATE "C", stage int, round int, prompt int, prompt_id text NOT NULL, messages text NOT NULL, prompt_tokens bytea NOT NULL,
            reference text NOT NULL, matches text NOT NULL, scores text NOT NULL, pairs text NOT NULL, PRIMARY KEY (run, stage, round, prompt));
        CREATE TABLE align.step (run text COLLATE "C", stage int, round int, step int, learning_rate float8 NOT NULL, loss float8, report text NOT NULL,
            PRIMARY KEY (run, stage, round, step));
        CREATE TABLE align.trainer_checkpoint (run text COLLATE "C", stage int, round int, step int, file text NOT NULL, PRIMARY KEY (run, stage, round, step));
        CREATE TABLE align.round (run text COLLATE "C", stage int, round int, kind text NOT NULL, policy_before text NOT NULL, policy_after text NOT NULL, metrics text NOT NULL,
            PRIMARY KEY (run, stage, round));
        CREATE TABLE align.evaluation (run text COLLATE "C", policy text COLLATE "C", metrics text NOT NULL, samples text NOT NULL, PRIMARY KEY (run, policy));
        """,
    ];

    /// <summary>Takes the steps that are missing, all or none; of several that start at once one does it and the others wait.</summary>
    /// <exception cref="InvalidDataException">The database has a newer schema, or cannot hold any text.</exception>
    public static async Task<bool> EnsureAsync(NpgsqlConnection connection, string database, CancellationToken cancel)
    {
        string encoding = (string)(await ScalarAsync(connection, "SHOW server_encoding", cancel).ConfigureAwait(false))!;
        if (encoding != "UTF8")
        {
            throw new InvalidDataException($"{database}: its encoding is {encoding}, which cannot hold every text; create one with ENCODING 'UTF8' TEMPLATE template0");
        }

        if (await VersionAsync(connection, database, cancel).ConfigureAwait(false) == Version) return false;

        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel).ConfigureAwait(false);
        await ScalarAsync(connection, $"SELECT pg_advisory_xact_lock({Lock})", cancel).ConfigureAwait(false);
        int version = await VersionAsync(connection, database, cancel).ConfigureAwait(false);
        if (version == Version) return false;

        // Asked first, because CREATE SCHEMA IF NOT EXISTS needs the right to create one even where an administrator has made it.
        if (version == 0 && !(bool)(await ScalarAsync(connection, "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'align')", cancel).ConfigureAwait(false))!)
        {
            await ScalarAsync(connection, "CREATE SCHEMA align", cancel).ConfigureAwait(false);
        }

        if (version == 0) await ScalarAsync(connection, "CREATE TABLE align.schema_version (version int PRIMARY KEY)", cancel).ConfigureAwait(false);
        for (; version < Version; version++)
        {
            await ScalarAsync(connection, $"{Steps[version]} INSERT INTO align.schema_version VALUES ({version + 1})", cancel).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancel).ConfigureAwait(false);
        return true;
    }

    private static async Task<int> VersionAsync(NpgsqlConnection connection, string database, CancellationToken cancel)
    {
        // The catalog itself, not to_regclass, which may answer from what the session has cached from before it had the lock.
        const string exists = "SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'align' AND tablename = 'schema_version')";
        if (!(bool)(await ScalarAsync(connection, exists, cancel).ConfigureAwait(false))!) return 0;

        int version = await ScalarAsync(connection, "SELECT max(version) FROM align.schema_version", cancel).ConfigureAwait(false) as int? ?? 0;
        return version <= Version
            ? version
            : throw new InvalidDataException(
                $"{database}: the ledgers have schema version {version}, this program knows up to {Version}; use the program that brought it there, or a newer one");
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync(cancel).ConfigureAwait(false);
    }
}
