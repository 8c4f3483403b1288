namespace OrleansAlign.Ledgers;

/// <summary>SQLite's SQL: the tables of one run in a file of its own.</summary>
internal sealed class SqliteDialect : Dialect
{
    /// <summary>The only instance.</summary>
    public static SqliteDialect Instance { get; } = new();

    /// <inheritdoc/>
    protected override bool HasRuns => false;

    /// <inheritdoc/>
    protected override string Options => " WITHOUT ROWID";

    /// <summary>A statement that adds one row, whose values are $1, $2, …; it changes nothing if the key exists.</summary>
    public override string Insert(Table table) =>
        $"INSERT INTO {NameOf(table)} ({string.Join(", ", ColumnsOf(table))}) "
        + $"VALUES ({string.Join(", ", table.Columns.Select((_, i) => $"${i + 1}"))}) ON CONFLICT DO NOTHING";

    /// <summary>A statement that finds one key, whose columns are $1, $2, ….</summary>
    public string Find(Table table, int version) =>
        $"SELECT {Read(table.Read.Where(c => !c.IsKey), version)} FROM {NameOf(table)} "
        + $"WHERE {string.Join(" AND ", KeyOf(table).Select((c, i) => $"{c} = ${i + 1}"))}";

    /// <inheritdoc/>
    protected override string NameOf(Table table) => table.Name;

    /// <inheritdoc/>
    protected override string TypeOf(Column column) => column.Type switch
    {
        ColumnType.Integer => "INT",
        ColumnType.Real => "REAL",
        ColumnType.Bytes => "BLOB",
        _ => "TEXT",
    };

    /// <inheritdoc/>
    protected override (string Condition, object Value) Among(string column, string parameter, int[] list) =>
        ($"{column} IN (SELECT value FROM json_each({parameter}))", $"[{string.Join(',', list)}]");
}
