using System.Text;
using Microsoft.Data.Sqlite;

namespace OrleansAlign.Client.Tests;

/// <summary>Looks into ledgers without leaving a trace in them.</summary>
internal static class Ledgers
{
    /// <summary>Opens a ledger for reading, without merging the write-ahead log of the process that writes it.</summary>
    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>The number that a query returns.</summary>
    public static long Count(string path, string question)
    {
        using SqliteConnection ledger = Open(path);
        using SqliteCommand command = ledger.CreateCommand();
        command.CommandText = question;
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Every row of a run's results; without the saved states, whose moments depend on interruptions.</summary>
    public static IReadOnlyList<string> Everything(string path)
    {
        using SqliteConnection ledger = Open(path);
        List<string> rows = [];
        foreach (string table in new[] { "completion", "verdict", "pair_set", "step", "round", "evaluation" })
        {
            using SqliteCommand command = ledger.CreateCommand();
            command.CommandText = $"SELECT * FROM {table} ORDER BY {(table == "evaluation" ? "1" : "1, 2, 3, 4")}";
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                var row = new StringBuilder(table);
                for (int i = 0; i < reader.FieldCount; i++)
                {
                    row.Append(' ').Append(reader.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : reader.GetValue(i));
                }

                rows.Add(row.ToString());
            }
        }

        return rows;
    }
}
