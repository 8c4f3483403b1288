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
    private readonly List<int> tokens = [];
    private readonly List<int> positions = [];
    private readonly List<Segment> segments = [];
    private readonly List<(int Row, int Page, int Slot)> copies = [];

    /// <summary>Number of rows.</summary>
    public int Rows => tokens.Count;

    /// <summary>Token of each row.</summary>
    public List<int> Tokens => tokens;

    /// <summary>Position of each row's token in its stream.</summary>
    public List<int> Positions => positions;

    /// <summary>The streams.</summary>
    public List<Segment> Segments => segments;

    /// <summary>Further places to which a row's keys and values are written: the first page of a stream that leaves a shared prefix within a page.</summary>
    public List<(int Row, int Page, int Slot)> Copies => copies;

    /// <summary>Longest stream, in tokens.</summary>
    public int Longest { get; private set; }

    /// <summary>Adds tokens at positions start, start + 1, … of a stream; returns their first row.</summary>
    public int Add(ReadOnlySpan<int> stream, int start, int[] pages)
    {
        int row = tokens.Count;
        tokens.AddRange(stream);
        for (int i = 0; i < stream.Length; i++) positions.Add(start + i);
        segments.Add(new Segment(row, stream.Length, start, pages));
        Longest = Math.Max(Longest, start + stream.Length);
        return row;
    }

    /// <summary>Adds one token of a stream; returns its row.</summary>
    public int Add(int token, int position, int[] pages)
    {
        int row = tokens.Count;
        tokens.Add(token);
        positions.Add(position);
        segments.Add(new Segment(row, 1, position, pages));
        Longest = Math.Max(Longest, position + 1);
        return row;
    }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        tokens.Clear();
        positions.Clear();
        segments.Clear();
        copies.Clear();
        Longest = 0;
    }
}
