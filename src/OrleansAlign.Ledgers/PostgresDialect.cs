using Npgsql;
using NpgsqlTypes;

namespace OrleansAlign.Ledgers;

/// <summary>PostgreSQL's SQL: the tables of many runs in the schema <c>align</c>, each with the run as its first column.</summary>
/// <remarks>
/// Each column is passed as one array, so a statement has as many parameters as the table has columns, whatever the number of rows, and is prepared once. Rows
/// are added in the order of their keys: two writers of the same rows then lock them in the same order and cannot deadlock.
/// </remarks>
internal sealed class PostgresDialect : Dialect
{
    /// <summary>The only instance.</summary>
    public static PostgresDialect Instance { get; } = new();

    /// <inheritdoc/>
    protected override bool HasRuns => true;

    /// <inheritdoc/>
    public override string Insert(Table table)
    {
        string names = string.Join(", ", ColumnsOf(table)), key = string.Join(", ", KeyOf(table));
        string arrays = string.Join(", ", ColumnsOf(table).Select((_, i) => $"${i + 1}"));
        return $"""
            INSERT INTO {NameOf(table)} ({names}) SELECT {names} FROM unnest({arrays}) WITH ORDINALITY AS added ({names}, ordinal)
            ORDER BY {key}, ordinal ON CONFLICT DO NOTHING RETURNING {key}
            """;
    }

    /// <summary>A statement that finds keys, given as one array per key column; each row of the result begins with the number of its key, from 1.</summary>
    public string Find(Table table)
    {
        string key = string.Join(", ", KeyOf(table)), arrays = string.Join(", ", KeyOf(table).Select((_, i) => $"${i + 1}"));
        string read = Read(table.Read.Where(c => !c.IsKey), LedgerTables.Version);
        string equal = string.Join(" AND ", KeyOf(table).Select(c => $"known.{c} = asked.{c}"));

        // LATERAL with a LIMIT: a plain join becomes a hash join over all rows of the run as soon as many keys are asked for.
        return $"""
            SELECT asked.number, given.* FROM unnest({arrays}) WITH ORDINALITY AS asked ({key}, number)
            CROSS JOIN LATERAL (SELECT {read} FROM {NameOf(table)} AS known WHERE {equal} LIMIT 1) AS given
            """;
    }

    /// <summary>The parameters of <see cref="Insert"/>.</summary>
    public static NpgsqlParameter[] ToInsert(Table table, IReadOnlyList<(string Run, object?[] Values)> rows) =>
    [
        Array(ColumnType.Text, rows, row => row.Run),
        .. table.Columns.Select((c, i) => (Column: c, Place: i)).Where(c => !c.Column.IsRun)
            .Select(c => Array(c.Column.Type, rows, row => row.Values[c.Place])),
    ];

    /// <summary>The parameters of <see cref="Find"/>.</summary>
    public static NpgsqlParameter[] ToFind(Table table, IReadOnlyList<(string Run, object[] Key)> keys) =>
        [Array(ColumnType.Text, keys, key => key.Run), .. table.Keys.Select((c, i) => Array(c.Type, keys, key => key.Key[i]))];

    /// <summary>A row's key as one text.</summary>
    public static string KeyOf(Table table, string run, object?[] values)
    {
        int first = table.Columns[0].IsRun ? 1 : 0;
        return string.Join('\0', values.Skip(first).Take(table.Keys.Count).Select(Encoded).Prepend(PostgresText.Write(run)));
    }

    /// <summary>The key in a result row of <see cref="Insert"/>.</summary>
    public static string KeyOf(NpgsqlDataReader row) => string.Join('\0', Enumerable.Range(0, row.FieldCount).Select(row.GetValue));

    /// <inheritdoc/>
    protected override object Encode(object value) => Encoded(value)!;

    /// <inheritdoc/>
    protected override string NameOf(Table table) => $"align.{table.Name}";

    /// <inheritdoc/>
    protected override string TypeOf(Column column) => column.Type switch
    {
        ColumnType.Integer => "int",
        ColumnType.Real => "float8",
        ColumnType.Bytes => "bytea",

        // Keys compare by bytes: faster, and the same whatever locale the database has.
        _ => column.IsKey ? "text COLLATE \"C\"" : "text",
    };

    /// <inheritdoc/>
    protected override (string Condition, object Value) Among(string column, string parameter, int[] list) => ($"{column} = ANY({parameter})", list);

    private static object? Encoded(object? value) => value is string text ? PostgresText.Write(text) : value;

    private static NpgsqlParameter Array<TRow>(ColumnType type, IReadOnlyList<TRow> rows, Func<TRow, object?> value)
    {
        return type switch
        {
            ColumnType.Integer => Of(NpgsqlDbType.Integer, v => (int)v!),
            ColumnType.Real => Of(NpgsqlDbType.Double, v => (double?)v),
            ColumnType.Bytes => Of(NpgsqlDbType.Bytea, v => (byte[]?)v),
            _ => Of(NpgsqlDbType.Text, v => (string?)Encoded(v)),
        };

        NpgsqlParameter<T[]> Of<T>(NpgsqlDbType element, Func<object?, T> cast)
        {
            var values = new T[rows.Count];
            for (int i = 0; i < values.Length; i++) values[i] = cast(value(rows[i]));
            return new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element };
        }
    }
}
