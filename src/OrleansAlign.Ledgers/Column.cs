using System.Data.Common;

namespace OrleansAlign.Ledgers;

/// <summary>What a column holds in the database.</summary>
internal enum ColumnType
{
    Integer,
    Real,
    Text,
    Bytes,
}

/// <summary>A column of a table, as the statements need it.</summary>
internal abstract class Column
{
    public required string Name { get; init; }

    public required ColumnType Type { get; init; }

    /// <summary>Whether it is part of the primary key.</summary>
    public bool IsKey { get; init; }

    /// <summary>Whether it names the run. Where one database has many runs, every table has such a column, and this one is it.</summary>
    public bool IsRun { get; init; }

    public bool IsNullable { get; init; }

    /// <summary>Whether rows are made from it. The others repeat a part of another column for people who query the database.</summary>
    public bool IsRead { get; init; } = true;

    /// <summary>Place among the columns that are read.</summary>
    public int Place { get; init; }

    /// <summary>The first schema version that has the column.</summary>
    public int Version { get; protected set; } = 1;

    /// <summary>What older rows have in it, as an SQL literal; null for a column that came with its table.</summary>
    public string? Older { get; protected set; }
}

/// <summary>A column whose values have type <typeparamref name="T"/> in the row record.</summary>
/// <param name="read">Makes the value from what the database has at a place of a row.</param>
internal sealed class Column<T>(Func<StoredRow, int, T> read) : Column
{
    /// <summary>The column's value in a row.</summary>
    public T this[StoredRow row] => read(row, Place);

    /// <summary>Says that the column was added to its table later.</summary>
    /// <param name="version">The first schema version that has it.</param>
    /// <param name="older">What older rows have in it, as an SQL literal.</param>
    public Column<T> Since(int version, string older)
    {
        (Version, Older) = (version, older);
        return this;
    }
}

/// <summary>A row of a statement's result: the columns of a table that are read, in their order.</summary>
/// <param name="reader">The result, at the row.</param>
/// <param name="decode">Undoes the database's way to write texts.</param>
/// <param name="first">Where the table's columns begin in the result.</param>
internal sealed class StoredRow(DbDataReader reader, Func<string, string> decode, int first = 0)
{
    /// <summary>The row's key where the statement asked for it; then the result has only the columns after the key.</summary>
    public object[] Key { get; set; } = [];

    public int Integer(int place) => place < Key.Length ? (int)Key[place] : reader.GetInt32(At(place));

    public long Long(int place) => reader.GetInt64(At(place));

    public double Real(int place) => reader.GetDouble(At(place));

    public string Text(int place) => place < Key.Length ? (string)Key[place] : decode(reader.GetString(At(place)));

    public byte[] Bytes(int place) => reader.GetFieldValue<byte[]>(At(place));

    public bool IsNull(int place) => reader.IsDBNull(At(place));

    private int At(int place) => first + place - Key.Length;
}
