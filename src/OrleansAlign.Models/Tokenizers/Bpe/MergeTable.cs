using System.Numerics;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>The merges of a model: which two tokens become which one, and with what rank (the lower, the sooner).</summary>
internal sealed class MergeTable
{
    private const ulong Free = ulong.MaxValue;

    private readonly ulong[] keys;
    private readonly int[] ranks;
    private readonly int[] results;
    private readonly int shift;

    /// <summary>Takes the merges in order of rank; of two for the same pair the later counts.</summary>
    public MergeTable(IReadOnlyList<(int Left, int Right, int Result)> merges)
    {
        int bits = Math.Max(4, BitOperations.Log2((uint)Math.Max(1, merges.Count)) + 2);
        shift = 64 - bits;
        keys = new ulong[1 << bits];
        ranks = new int[1 << bits];
        results = new int[merges.Count];
        Array.Fill(keys, Free);
        for (int rank = 0; rank < merges.Count; rank++)
        {
            (int left, int right, results[rank]) = merges[rank];
            int slot = Slot(Key(left, right));
            keys[slot] = Key(left, right);
            ranks[slot] = rank;
        }
    }

    /// <summary>Rank of the merge of two tokens; <see cref="int.MaxValue"/> if they do not merge.</summary>
    public int Rank(int left, int right)
    {
        ulong key = Key(left, right);
        int slot = Slot(key);
        return keys[slot] == key ? ranks[slot] : int.MaxValue;
    }

    /// <summary>What the merge of that rank yields.</summary>
    public int Result(int rank) => results[rank];

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    /// <summary>Where the key is, or the free slot where it would go.</summary>
    private int Slot(ulong key)
    {
        int slot = (int)((key * 0x9E3779B97F4A7C15) >> shift);
        while (keys[slot] != key && keys[slot] != Free) slot = (slot + 1) & (keys.Length - 1);
        return slot;
    }
}
