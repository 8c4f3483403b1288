namespace OrleansAlign.Ledgers;

/// <summary>A table of the ledger, with what the SQL statements need of it. The key's columns come first.</summary>
internal abstract class Table(string name, int version)
{
    protected List<Column> Declared { get; } = [];

    public string Name => name;

    /// <summary>The first schema version that has the table.</summary>
    public int Version => version;

    public IReadOnlyList<Column> Columns => Declared;

    /// <summary>The key's columns, without the run.</summary>
    public IReadOnlyList<Column> Keys => field ??= [.. Declared.Where(c => c.IsKey && !c.IsRun)];

    /// <summary>The columns that row records are made from.</summary>
    public IEnumerable<Column> Read => Declared.Where(c => c.IsRead);

    /// <summary>The first schema version that has all of the table's columns.</summary>
    public int Complete => Math.Max(Version, Declared.Max(c => c.Version));

    /// <summary>Makes the row record.</summary>
    public abstract object RowOf(StoredRow row);
}

/// <summary>The declaration of a table: its columns, how their values are read from a row record, and how a record is made from them.</summary>
/// <remarks>
/// Statements, schema and migrations of both databases are generated from it. Released declarations never change: a later column names the version it came
/// with (<see cref="Column{T}.Since"/>), a later table names its version in the constructor.
/// </remarks>
internal sealed class Table<TRow> : Table
    where TRow : class
{
    private readonly List<Func<TRow, object?>> values = [];
    private readonly Func<StoredRow, TRow> make;

    /// <param name="name">Name in the database.</param>
    /// <param name="declare">Adds the columns, those of the key first, and returns how a row record is made from them.</param>
    /// <param name="version">The first schema version that has the table.</param>
    public Table(string name, Func<Table<TRow>, Func<StoredRow, TRow>> declare, int version = 1)
        : base(name, version) => make = declare(this);

    /// <summary>A row's values in the order of <see cref="Table.Columns"/>: int, double, string, byte[] or null.</summary>
    public object?[] ValuesOf(TRow row)
    {
        var all = new object?[values.Count];
        for (int i = 0; i < all.Length; i++) all[i] = values[i](row);
        return all;
    }

    /// <inheritdoc/>
    public override object RowOf(StoredRow row) => make(row);

    /// <summary>The run that a row belongs to.</summary>
    public Column<string> Run(string column, Func<TRow, string> run) => Add(
        new Column<string>((row, at) => row.Text(at)) { Name = column, Type = ColumnType.Text, IsKey = true, IsRun = true }, run);

    public Column<int> Key(string column, Func<TRow, int> value) => Add(
        new Column<int>((row, at) => row.Integer(at)) { Name = column, Type = ColumnType.Integer, IsKey = true, Place = Declared.Count }, value);

    public Column<string> Key(string column, Func<TRow, string> value) => Add(
        new Column<string>((row, at) => row.Text(at)) { Name = column, Type = ColumnType.Text, IsKey = true, Place = Declared.Count }, value);

    public Column<string> Text(string column, Func<TRow, string> value) => Text(column, value, text => text);

    public Column<string?> OptionalText(string column, Func<TRow, string?> value) => Add(
        new Column<string?>((row, at) => row.IsNull(at) ? null : row.Text(at)) { Name = column, Type = ColumnType.Text, IsNullable = true, Place = Next },
        value);

    public Column<double> Real(string column, Func<TRow, double> value) => Add(
        new Column<double>((row, at) => row.Real(at)) { Name = column, Type = ColumnType.Real, Place = Next }, value);

    public Column<double?> OptionalReal(string column, Func<TRow, double?> value) => Add(
        new Column<double?>((row, at) => row.IsNull(at) ? null : row.Real(at)) { Name = column, Type = ColumnType.Real, IsNullable = true, Place = Next },
        value);

    /// <summary>An unsigned 64-bit number, stored as decimal digits because not every database has the type.</summary>
    public Column<ulong> Number(string column, Func<TRow, ulong> value) => Text(column, row => value(row).ToString(), ulong.Parse);

    /// <summary>An enum value, stored as its name.</summary>
    public Column<T> Choice<T>(string column, Func<TRow, T> value)
        where T : struct, Enum => Text(column, row => value(row).ToString(), Enum.Parse<T>);

    /// <summary>A value stored as JSON.</summary>
    public Column<T> Json<T>(string column, Func<TRow, T> value) => Text(column, row => LedgerJson.Write(value(row)), LedgerJson.Read<T>);

    /// <summary>An array of numbers, stored as little-endian bytes.</summary>
    public Column<T[]> Array<T>(string column, Func<TRow, T[]> value)
        where T : unmanaged => Add(
        new Column<T[]>((row, at) => LedgerJson.Unblob<T>(row.Bytes(at))) { Name = column, Type = ColumnType.Bytes, Place = Next },
        row => LedgerJson.Blob<T>(value(row)));

    /// <summary>A text that another column also contains, for people who query the database.</summary>
    public void Repeated(string column, Func<TRow, string> value) => Add(
        new Column<string>((row, at) => row.Text(at)) { Name = column, Type = ColumnType.Text, IsRead = false }, value);

    /// <summary>A number that another column also contains, for people who query the database; null for NaN where the database has none.</summary>
    public void Repeated(string column, Func<TRow, double> value) => Add(
        new Column<double>((row, at) => row.Real(at)) { Name = column, Type = ColumnType.Real, IsNullable = true, IsRead = false }, value);

    private int Next => Declared.Count(c => c.IsRead);

    private Column<T> Text<T>(string column, Func<TRow, string> value, Func<string, T> read) => Add(
        new Column<T>((row, at) => read(row.Text(at))) { Name = column, Type = ColumnType.Text, Place = Next }, value);

    private TColumn Add<TColumn, TValue>(TColumn column, Func<TRow, TValue> value)
        where TColumn : Column
    {
        if (column.IsKey && Declared.Any(c => !c.IsKey)) throw new InvalidOperationException($"{Name}.{column.Name}: the key's columns come first");
        Declared.Add(column);
        values.Add(row => value(row));
        return column;
    }
}
