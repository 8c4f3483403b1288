namespace OrleansAlign.Models.Tokenizers;

/// <summary>Possible merges, the one of lowest rank first, and of those the leftmost.</summary>
internal sealed class MergeHeap(int capacity)
{
    private ulong[] entries = new ulong[Math.Max(4, capacity)];
    private int count;

    /// <summary>Adds an entry without keeping order; a rank of <see cref="int.MaxValue"/> is none.</summary>
    public void Append(int rank, int position)
    {
        if (rank == int.MaxValue) return;
        if (count == entries.Length) Array.Resize(ref entries, 2 * count);
        entries[count++] = ((ulong)(uint)rank << 32) | (uint)position;
    }

    /// <summary>Brings appended entries into order.</summary>
    public void Order()
    {
        for (int i = (count >> 1) - 1; i >= 0; i--) Sink(i);
    }

    /// <summary>Adds an entry in order; a rank of <see cref="int.MaxValue"/> is none.</summary>
    public void Push(int rank, int position)
    {
        if (rank == int.MaxValue) return;
        Append(rank, position);
        int at = count - 1;
        ulong entry = entries[at];
        while (at > 0 && entries[(at - 1) >> 1] > entry)
        {
            entries[at] = entries[(at - 1) >> 1];
            at = (at - 1) >> 1;
        }

        entries[at] = entry;
    }

    /// <summary>Takes the first entry; false if there is none.</summary>
    public bool Take(out int rank, out int position)
    {
        (rank, position) = (0, 0);
        if (count == 0) return false;
        (rank, position) = ((int)(entries[0] >> 32), (int)(uint)entries[0]);
        entries[0] = entries[--count];
        if (count > 1) Sink(0);
        return true;
    }

    private void Sink(int at)
    {
        ulong entry = entries[at];
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= count) break;
            if (child + 1 < count && entries[child + 1] < entries[child]) child++;
            if (entries[child] >= entry) break;
            entries[at] = entries[child];
            at = child;
        }

        entries[at] = entry;
    }
}
