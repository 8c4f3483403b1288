using Microsoft.Data.Sqlite;

namespace OrleansAlign.Ledgers;

/// <summary>One connection with its prepared statements. Not thread-safe.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> prepared = new(StringComparer.Ordinal);

    /// <summary>Opens a connection that waits up to 10 s for a lock of another program.</summary>
    public static SqliteSession Open(string source, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = mode, Pooling = false }.ToString());
        SqliteSession session = new(connection);
        try
        {
            connection.Open();
            session.Execute("PRAGMA busy_timeout = 10000");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Begins a writing transaction; waits while another program writes.</summary>
    public SqliteTransaction Begin() => connection.BeginTransaction();

    /// <summary>Executes statements once.</summary>
    public void Execute(string sql, SqliteTransaction? transaction = null)
    {
        using SqliteCommand command = new(sql, connection, transaction);
        command.ExecuteNonQuery();
    }

    /// <summary>The number that a statement returns.</summary>
    public long Number(string sql, SqliteTransaction? transaction = null)
    {
        using SqliteCommand command = new(sql, connection, transaction);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>A statement that is prepared once, with the values of its parameters $1, $2, ….</summary>
    public SqliteCommand Prepare(string sql, IReadOnlyList<object?> values, SqliteTransaction? transaction = null)
    {
        if (!prepared.TryGetValue(sql, out SqliteCommand? command))
        {
            prepared[sql] = command = connection.CreateCommand();
            command.CommandText = sql;
            for (int i = 0; i < values.Count; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"${i + 1}" });
        }

        command.Transaction = transaction;
        for (int i = 0; i < values.Count; i++)
        {
            // SQLite stores NaN as NULL; the row's JSON column keeps the value.
            command.Parameters[i].Value = values[i] is null or double.NaN ? DBNull.Value : values[i];
        }

        return command;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SqliteCommand command in prepared.Values) command.Dispose();
        connection.Dispose();
    }
}
