using System.Data.Common;

namespace OrleansAlign.Ledgers;

/// <summary>A column's type in the database.</summary>
internal enum ColumnType
{
    Integer,
    Real,
    Text,
    Bytes,
}

/// <summary>A column of a table, with what the SQL statements need of it.</summary>
internal abstract class Column
{
    public required string Name { get; init; }

    public required ColumnType Type { get; init; }

    /// <summary>Whether the column is part of the primary key.</summary>
    public bool IsKey { get; init; }

    /// <summary>Whether the column names the run. In a database of many runs, the run column that every table has takes its place.</summary>
    public bool IsRun { get; init; }

    public bool IsNullable { get; init; }

    /// <summary>Whether row records are made from the column. The others repeat a part of another column for people who query the database.</summary>
    public bool IsRead { get; init; } = true;

    /// <summary>Place among the columns that are read.</summary>
    public int Place { get; init; }

    /// <summary>The first schema version that has the column.</summary>
    public int Version { get; protected set; } = 1;

    /// <summary>The column's value in rows older than the column, as an SQL literal; null for a column that came with its table.</summary>
    public string? Older { get; protected set; }
}

/// <summary>A column whose values have type <typeparamref name="T"/> in the row record.</summary>
/// <param name="read">Reads the value at a place of a stored row.</param>
internal sealed class Column<T>(Func<StoredRow, int, T> read) : Column
{
    /// <summary>The column's value in a row.</summary>
    public T this[StoredRow row] => read(row, Place);

    /// <summary>Declares that the column was added to its table later.</summary>
    /// <param name="version">The first schema version that has the column.</param>
    /// <param name="older">The column's value in older rows, as an SQL literal.</param>
    public Column<T> Since(int version, string older)
    {
        (Version, Older) = (version, older);
        return this;
    }
}

/// <summary>A row of a statement's result: the columns of a table that are read, in their order.</summary>
/// <param name="reader">The result, at the row.</param>
/// <param name="decode">Decodes a text as it is stored in the database.</param>
/// <param name="first">Index of the table's first column in the result.</param>
internal sealed class StoredRow(DbDataReader reader, Func<string, string> decode, int first = 0)
{
    /// <summary>The row's key, if the statement looked it up by its key: the result then has only the columns after the key.</summary>
    public object[] Key { get; set; } = [];

    public int Integer(int place) => place < Key.Length ? (int)Key[place] : reader.GetInt32(At(place));

    public long Long(int place) => reader.GetInt64(At(place));

    public double Real(int place) => reader.GetDouble(At(place));

    public string Text(int place) => place < Key.Length ? (string)Key[place] : decode(reader.GetString(At(place)));

    public byte[] Bytes(int place) => reader.GetFieldValue<byte[]>(At(place));

    public bool IsNull(int place) => reader.IsDBNull(At(place));

    private int At(int place) => first + place - Key.Length;
}
