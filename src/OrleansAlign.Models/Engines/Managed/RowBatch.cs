namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Consecutive rows of a batch that are consecutive tokens of one stream.</summary>
/// <param name="Row">First row.</param>
/// <param name="Count">Number of rows.</param>
/// <param name="Start">Position of the first row's token.</param>
/// <param name="Pages">The stream's pages, from position 0 on; positions before <paramref name="Start"/> are written earlier or by other rows.</param>
internal readonly record struct Segment(int Row, int Count, int Start, int[] Pages);

/// <summary>Tokens of many streams as one matrix of rows, without padding.</summary>
internal sealed class RowBatch
{
    /// <summary>Number of rows.</summary>
    public int Rows => Tokens.Count;

    /// <summary>Token of each row.</summary>
    public List<int> Tokens { get; } = [];

    /// <summary>Position of each row's token in its stream.</summary>
    public List<int> Positions { get; } = [];

    /// <summary>The streams.</summary>
    public List<Segment> Segments { get; } = [];

    /// <summary>Further places to which a row's keys and values are written: the first page of a stream that leaves a shared prefix within a page.</summary>
    public List<(int Row, int Page, int Slot)> Copies { get; } = [];

    /// <summary>Longest stream, in tokens.</summary>
    public int Longest { get; private set; }

    /// <summary>Adds tokens at positions start, start + 1, … of a stream; returns their first row.</summary>
    public int Add(ReadOnlySpan<int> stream, int start, int[] pages)
    {
        int row = Tokens.Count;
        Tokens.AddRange(stream);
        for (int i = 0; i < stream.Length; i++) Positions.Add(start + i);
        Segments.Add(new Segment(row, stream.Length, start, pages));
        Longest = Math.Max(Longest, start + stream.Length);
        return row;
    }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        Tokens.Clear();
        Positions.Clear();
        Segments.Clear();
        Copies.Clear();
        Longest = 0;
    }
}
