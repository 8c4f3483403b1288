using Npgsql;
using NpgsqlTypes;

namespace OrleansAlign.Ledgers;

/// <summary>A row and the run it belongs to.</summary>
internal readonly record struct Owned<TRow>(string Run, TRow Row);

/// <summary>A table as its writer sees it: the columns in order, how to take their values from a row, and the one statement that adds many rows.</summary>
/// <remarks>
/// A column travels as one array, so that a statement has as many parameters as the table columns, whatever the number of rows, and is prepared once. Rows are
/// added in the order of their keys: two writers of the same rows then wait for one another in the same order, and never in a circle.
/// </remarks>
internal sealed class PostgresTable<TRow>(string name, Func<TRow, int> weight)
{
    private readonly List<(string Name, Func<IReadOnlyList<Owned<TRow>>, NpgsqlParameter> Values)> columns =
        [("run", rows => Column(rows, NpgsqlDbType.Text, r => PostgresText.Write(r.Run)))];

    private readonly List<(string Name, Func<Owned<TRow>, object> Value)> keys = [("run", r => PostgresText.Write(r.Run))];

    public string Name => name;

    /// <summary>Roughly how many bytes a row is.</summary>
    public int Weight(TRow row) => weight(row);

    public PostgresTable<TRow> Text(string column, Func<TRow, string?> value, bool key = false) =>
        Add<string?>(column, key, NpgsqlDbType.Text, row => value(row) is { } text ? PostgresText.Write(text) : null);

    public PostgresTable<TRow> Integer(string column, Func<TRow, int> value, bool key = false) => Add(column, key, NpgsqlDbType.Integer, value);

    public PostgresTable<TRow> Real(string column, Func<TRow, double?> value) => Add(column, false, NpgsqlDbType.Double, value);

    public PostgresTable<TRow> Bytes(string column, Func<TRow, byte[]> value) => Add(column, false, NpgsqlDbType.Bytea, value);

    /// <summary>The statement; the first of two rows of one key stays. It returns the keys of those that are new.</summary>
    public string Insert()
    {
        string names = string.Join(", ", columns.Select(c => c.Name));
        string arrays = string.Join(", ", columns.Select((_, i) => $"${i + 1}"));
        string key = string.Join(", ", keys.Select(k => k.Name));
        return $"""
            INSERT INTO align.{name} ({names}) SELECT {names} FROM unnest({arrays}) WITH ORDINALITY AS added ({names}, ordinal)
            ORDER BY {key}, ordinal ON CONFLICT DO NOTHING RETURNING {key}
            """;
    }

    /// <summary>The statement's parameters.</summary>
    public IEnumerable<NpgsqlParameter> Values(IReadOnlyList<Owned<TRow>> rows) => columns.Select(c => c.Values(rows));

    /// <summary>A row's key as one text.</summary>
    public string KeyOf(Owned<TRow> row) => string.Join('\0', keys.Select(k => k.Value(row)));

    /// <summary>The key that a row of the statement's result is.</summary>
    public string KeyOf(NpgsqlDataReader row) => string.Join('\0', Enumerable.Range(0, keys.Count).Select(row.GetValue));

    private PostgresTable<TRow> Add<T>(string column, bool key, NpgsqlDbType type, Func<TRow, T> value)
    {
        columns.Add((column, rows => Column(rows, type, r => value(r.Row))));
        if (key) keys.Add((column, r => value(r.Row)!));
        return this;
    }

    private static NpgsqlParameter<T[]> Column<T>(IReadOnlyList<Owned<TRow>> rows, NpgsqlDbType type, Func<Owned<TRow>, T> value)
    {
        var values = new T[rows.Count];
        for (int i = 0; i < values.Length; i++) values[i] = value(rows[i]);
        return new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}
