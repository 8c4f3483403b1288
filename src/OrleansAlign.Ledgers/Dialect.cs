namespace OrleansAlign.Ledgers;

/// <summary>Selects the rows of a table whose key begins with given values, and whose next key column is in a range or a list.</summary>
/// <param name="First">Values of the key's first columns.</param>
internal sealed record KeyFilter(params object[] First)
{
    /// <summary>Range of the next key column: From inclusive, To exclusive.</summary>
    public (int From, int To)? Range { get; init; }

    /// <summary>The values that the next key column may have.</summary>
    public int[]? Among { get; init; }

    /// <summary>Whether rows come in descending order of their keys.</summary>
    public bool IsDescending { get; init; }
}

/// <summary>A statement and the values of its parameters $1, $2, ….</summary>
internal sealed record Statement(string Sql, IReadOnlyList<object> Values);

/// <summary>Generates SQL from the declarations of the tables; subclasses add what differs between databases.</summary>
internal abstract class Dialect
{
    /// <summary>Whether one database holds the ledgers of many runs: the run is then part of every key.</summary>
    protected abstract bool HasRuns { get; }

    /// <summary>A statement that adds rows, ignores rows whose key exists, and returns which rows are new.</summary>
    public abstract string Insert(Table table);

    /// <summary>The statements that lead from schema version <paramref name="version"/> − 1 to <paramref name="version"/>.</summary>
    public string Migration(int version) => string.Concat(LedgerTables.All.SelectMany(table => table.Version == version
        ? [Create(table, [.. table.Columns.Where(c => c.Version <= version)])]
        : table.Columns.Where(c => table.Version < version && c.Version == version)
            .Select(c => $"ALTER TABLE {NameOf(table)} ADD COLUMN {Define(c)} DEFAULT {c.Older};\n")));

    /// <summary>Selects the rows of a run that match a filter, in the order of their keys.</summary>
    /// <param name="table">The table.</param>
    /// <param name="run">The run; ignored where a database has one run only.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="version">Version of the database's schema: columns that it lacks get the value that a migration would give them.</param>
    public Statement Select(Table table, string run, KeyFilter filter, int version)
    {
        List<object> values = [];
        string where = Where(table, run, filter, values);
        string order = string.Join(", ", table.Keys.Skip(filter.First.Length).Select(c => filter.IsDescending ? $"{c.Name} DESC" : c.Name));
        return new($"SELECT {Read(table.Read, version)} FROM {NameOf(table)}{where}{(order.Length > 0 ? $" ORDER BY {order}" : "")}", values);
    }

    /// <summary>Counts the rows of a run that match a filter.</summary>
    public Statement Count(Table table, string run, KeyFilter filter)
    {
        List<object> values = [];
        return new($"SELECT count(*) FROM {NameOf(table)}{Where(table, run, filter, values)}", values);
    }

    /// <summary>A value in the form in which the database stores it.</summary>
    protected virtual object Encode(object value) => value;

    protected abstract string NameOf(Table table);

    protected abstract string TypeOf(Column column);

    /// <summary>The condition that a column is one of a list's values.</summary>
    protected abstract (string Condition, object Value) Among(string column, string parameter, int[] list);

    /// <summary>Table options after the columns of CREATE TABLE.</summary>
    protected virtual string Options => "";

    /// <summary>The columns that a table has in this database.</summary>
    protected IEnumerable<string> ColumnsOf(Table table) => RunOf(table).Concat(table.Columns.Where(c => !c.IsRun).Select(c => c.Name));

    /// <summary>The columns of a table's key in this database.</summary>
    protected IEnumerable<string> KeyOf(Table table) => RunOf(table).Concat(table.Keys.Select(c => c.Name));

    protected string Read(IEnumerable<Column> columns, int version) => string.Join(", ", columns.Select(c => c.Version > version ? c.Older : NameOf(c)));

    private IEnumerable<string> RunOf(Table table) => HasRuns ? [RunColumn.Name] : table.Columns.Where(c => c.IsRun).Select(c => c.Name);

    private string NameOf(Column column) => HasRuns && column.IsRun ? RunColumn.Name : column.Name;

    /// <summary>The first column of every table in a database of many runs.</summary>
    protected static Column RunColumn { get; } = new Column<string>((row, at) => row.Text(at))
    {
        Name = "run", Type = ColumnType.Text, IsKey = true, IsRun = true,
    };

    private string Create(Table table, IReadOnlyList<Column> columns)
    {
        IEnumerable<Column> all = HasRuns ? columns.Where(c => !c.IsRun).Prepend(RunColumn) : columns;
        return $"CREATE TABLE {NameOf(table)} ({string.Join(", ", all.Select(Define))}, PRIMARY KEY ({string.Join(", ", KeyOf(table))})){Options};\n";
    }

    private string Define(Column column) => $"{column.Name} {TypeOf(column)}{(column.IsNullable ? "" : " NOT NULL")}";

    private string Where(Table table, string run, KeyFilter filter, List<object> values)
    {
        List<string> conditions = [];
        if (HasRuns) conditions.Add($"{RunColumn.Name} = {Parameter(Encode(run))}");
        for (int i = 0; i < filter.First.Length; i++) conditions.Add($"{table.Keys[i].Name} = {Parameter(Encode(filter.First[i]))}");
        string next = filter.First.Length < table.Keys.Count ? table.Keys[filter.First.Length].Name : "";
        if (filter.Range is { } range) conditions.Add($"{next} >= {Parameter(range.From)} AND {next} < {Parameter(range.To)}");
        if (filter.Among is { } list)
        {
            (string condition, object value) = Among(next, $"${values.Count + 1}", list);
            conditions.Add(condition);
            values.Add(value);
        }

        return conditions.Count > 0 ? $" WHERE {string.Join(" AND ", conditions)}" : "";

        string Parameter(object value)
        {
            values.Add(value);
            return $"${values.Count}";
        }
    }
}
