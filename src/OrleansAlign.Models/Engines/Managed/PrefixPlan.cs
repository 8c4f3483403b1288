namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Lays streams into one batch so that a prefix that several of them share is computed once.</summary>
/// <remarks>
/// The streams are sorted; the common prefix of neighbours becomes one segment, and each stream continues from its pages: full pages are shared, and
/// the rows of a partly filled page write their keys and values into each continuation's own copy too. Everything is computed in one forward pass.
/// </remarks>
internal sealed class PrefixPlan
{
    /// <summary>Fewer common tokens than this are computed again rather than shared.</summary>
    private const int LeastShared = 16;

    private readonly RowBatch batch;
    private readonly KeyValuePages pages;
    private readonly IReadOnlyList<int[]> streams;
    private readonly int[] order;
    private readonly List<int> held = [];

    /// <summary>Adds the streams to a batch; equal streams share everything.</summary>
    public PrefixPlan(RowBatch batch, KeyValuePages pages, IReadOnlyList<int[]> streams)
    {
        this.batch = batch;
        this.pages = pages;
        this.streams = streams;
        Rows = new int[streams.Count][];
        Pages = new int[streams.Count][];
        order = new int[streams.Count];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(order, (a, b) =>
        {
            int compared = streams[a].AsSpan().SequenceCompareTo(streams[b]);
            return compared != 0 ? compared : a.CompareTo(b);
        });
        if (order.Length > 0) Place(0, order.Length, 0, [], []);
    }

    /// <summary>Row of each token of each stream.</summary>
    public int[][] Rows { get; }

    /// <summary>Pages of each stream, with one reference each.</summary>
    public int[][] Pages { get; }

    /// <summary>Returns the pages that only the common prefixes needed; called after the forward pass.</summary>
    public void ReleasePrefixes()
    {
        foreach (int page in held) pages.Return(page);
        held.Clear();
    }

    /// <summary>Returns all pages.</summary>
    public void Release()
    {
        ReleasePrefixes();
        foreach (int[] list in Pages)
        {
            foreach (int page in list) pages.Return(page);
        }
    }

    // Streams order[low … high) agree in their first `start` tokens, whose rows and pages are given.
    private void Place(int low, int high, int start, int[] rows, int[] prefix)
    {
        int[] first = streams[order[low]];
        int common = high - low == 1 ? first.Length : first.AsSpan().CommonPrefixLength(streams[order[high - 1]]);
        bool whole = first.Length == common && streams[order[high - 1]].Length == common;
        if (whole || common - start >= LeastShared)
        {
            int[] ownPages = Continue(rows, prefix, start, common);
            int[] ownRows = new int[common];
            rows.AsSpan(0, start).CopyTo(ownRows);
            if (common > start)
            {
                int row = batch.Add(first.AsSpan(start, common - start), start, ownPages);
                for (int p = start; p < common; p++) ownRows[p] = row + p - start;
            }

            (start, rows, prefix) = (common, ownRows, ownPages);
            held.AddRange(ownPages);
        }

        int next = low;
        while (next < high && streams[order[next]].Length == start && rows.Length == start)
        {
            Rows[order[next]] = rows;
            Pages[order[next]] = [.. prefix];
            foreach (int page in prefix) pages.Share(page);
            next++;
        }

        while (next < high)
        {
            int end = next + 1;
            while (end < high && Same(order[next], order[end], common)) end++;
            Place(next, end, start, rows, prefix);
            next = end;
        }
    }

    private bool Same(int a, int b, int position) =>
        streams[a].Length > position && streams[b].Length > position && streams[a][position] == streams[b][position];

    // Pages for tokens [0, end) of a stream whose first `start` tokens are in `prefix`.
    private int[] Continue(int[] rows, int[] prefix, int start, int end)
    {
        int[] own = new int[KeyValuePages.PagesFor(end)];
        int full = end == start ? own.Length : start / KeyValuePages.Tokens;
        for (int p = 0; p < own.Length; p++)
        {
            if (p < full) pages.Share(own[p] = prefix[p]);
            else own[p] = pages.Rent();
        }

        for (int p = full * KeyValuePages.Tokens; p < start; p++) batch.Copies.Add((rows[p], own[full], p % KeyValuePages.Tokens));
        return own;
    }
}
