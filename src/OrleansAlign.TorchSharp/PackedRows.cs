using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>Consecutive sequences whose attention is computed together, in a rectangle of <paramref name="Count"/> × <paramref name="Longest"/>.</summary>
/// <param name="Start">First row.</param>
/// <param name="Rows">Number of rows of all these sequences.</param>
/// <param name="Count">Number of sequences.</param>
/// <param name="Longest">Tokens of the longest.</param>
/// <param name="Spread">[Count · Longest], the row at each place of the rectangle; null if all sequences have one length.</param>
/// <param name="Gather">[Rows], each row's place in the rectangle; null if all sequences have one length.</param>
internal sealed record AttentionGroup(long Start, long Rows, int Count, int Longest, Tensor? Spread, Tensor? Gather);

/// <summary>Whole sequences as one matrix of rows; only the attention of sequences of unlike lengths is padded.</summary>
/// <remarks>Its tensors belong to the caller's dispose scope.</remarks>
internal sealed class PackedRows
{
    public PackedRows(IReadOnlyList<ArraySegment<int>> sequences, Device device)
    {
        Starts = new int[sequences.Count];
        foreach (ArraySegment<int> sequence in sequences) Count += sequence.Count;
        int[] tokens = new int[Count], positions = new int[Count];
        int row = 0;
        for (int i = 0; i < sequences.Count; i++)
        {
            Starts[i] = row;
            End = Math.Max(End, sequences[i].Count);
            sequences[i].CopyTo(tokens, row);
            for (int t = 0; t < sequences[i].Count; t++) positions[row++] = t;
        }

        HostPositions = positions;
        Tokens = HostMemory.Indices(tokens, device);
        Positions = HostMemory.Indices(positions, device);
        Groups = Group([.. sequences.Select(s => s.Count)], device);
    }

    /// <summary>N, the number of rows.</summary>
    public int Count { get; }

    /// <summary>First row of each sequence.</summary>
    public int[] Starts { get; }

    /// <summary>Length of the longest sequence.</summary>
    public int End { get; }

    /// <summary>[N], token of each row.</summary>
    public Tensor Tokens { get; }

    /// <summary>[N], position of each row in its sequence.</summary>
    public Tensor Positions { get; }

    /// <summary>[N], position of each row in its sequence, in host memory.</summary>
    public int[] HostPositions { get; }

    /// <summary>The sequences grouped into rectangles, in order.</summary>
    public IReadOnlyList<AttentionGroup> Groups { get; }

    // Neighbours share a rectangle while at most a third of it is padding: launches are expensive, and attention is the smaller part of the work.
    private List<AttentionGroup> Group(int[] lengths, Device device)
    {
        List<AttentionGroup> groups = [];
        int first = 0;
        while (first < lengths.Length)
        {
            int next = first + 1, longest = lengths[first];
            long rows = lengths[first];
            while (next < lengths.Length)
            {
                long wider = Math.Max(longest, lengths[next]);
                if (wider * (next + 1 - first) * 2 > (rows + lengths[next]) * 3) break;
                longest = (int)wider;
                rows += lengths[next++];
            }

            groups.Add(Rectangle(first, next, longest, (int)rows, lengths, device));
            first = next;
        }

        return groups;
    }

    private AttentionGroup Rectangle(int first, int end, int longest, int rows, int[] lengths, Device device)
    {
        int count = end - first, start = Starts[first];
        if (count * longest == rows) return new AttentionGroup(start, rows, count, longest, null, null);
        int[] spread = new int[count * longest], gather = new int[rows];
        for (int i = 0; i < count; i++)
        {
            // Places after a sequence's end repeat its last row: causal masking hides them from all used rows, and they are finite.
            int length = lengths[first + i], own = Starts[first + i];
            for (int t = 0; t < longest; t++) spread[(i * longest) + t] = own + Math.Min(t, length - 1);
            for (int t = 0; t < length; t++) gather[own - start + t] = (i * longest) + t;
        }

        return new AttentionGroup(start, rows, count, longest, HostMemory.Indices(spread, device), HostMemory.Indices(gather, device));
    }
}
