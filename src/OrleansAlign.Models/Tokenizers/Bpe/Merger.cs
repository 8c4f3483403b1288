using System.Buffers;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>Applies merges to a word: always the one of lowest rank, and of several equal ones the leftmost.</summary>
internal static class Merger
{
    /// <summary>Up to this many symbols, looking at all pairs for the next merge is faster than a heap.</summary>
    private const int ScanLimit = 24;

    /// <summary>Merges in place; gives back how many symbols are left at the front of <paramref name="symbols"/>.</summary>
    /// <param name="symbols">Ids of the word's symbols.</param>
    /// <param name="merges">The merges.</param>
    /// <param name="forbidden">For each id whether no merge may yield it; null if all may.</param>
    public static int Merge(Span<int> symbols, MergeTable merges, bool[]? forbidden = null) =>
        symbols.Length <= ScanLimit ? MergeByScan(symbols, merges, forbidden) : MergeByHeap(symbols, merges, forbidden);

    /// <summary>Quadratic in the number of symbols, without any allocation.</summary>
    internal static int MergeByScan(Span<int> symbols, MergeTable merges, bool[]? forbidden)
    {
        Span<int> ranks = symbols.Length <= ScanLimit ? stackalloc int[ScanLimit] : new int[symbols.Length];
        int count = symbols.Length;
        for (int i = 0; i + 1 < count; i++) ranks[i] = Rank(symbols[i], symbols[i + 1], merges, forbidden);
        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i + 1 < count; i++)
            {
                if (ranks[i] < ranks[best]) best = i;
            }

            if (ranks[best] == int.MaxValue) break;
            symbols[best] = merges.Result(ranks[best]);
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            if (best + 2 < count) ranks[(best + 2)..count].CopyTo(ranks[(best + 1)..]);
            count--;
            if (best > 0) ranks[best - 1] = Rank(symbols[best - 1], symbols[best], merges, forbidden);
            if (best + 1 < count) ranks[best] = Rank(symbols[best], symbols[best + 1], merges, forbidden);
        }

        return count;
    }

    /// <summary>n log n in the number of symbols: a linked list of symbols and a heap of possible merges.</summary>
    internal static int MergeByHeap(Span<int> symbols, MergeTable merges, bool[]? forbidden)
    {
        int count = symbols.Length;
        int[] next = ArrayPool<int>.Shared.Rent(count), previous = ArrayPool<int>.Shared.Rent(count);
        MergeHeap heap = new(count);
        for (int i = 0; i < count; i++)
        {
            (previous[i], next[i]) = (i - 1, i + 1 < count ? i + 1 : -1);
            if (i + 1 < count) heap.Append(Rank(symbols[i], symbols[i + 1], merges, forbidden), i);
        }

        heap.Order();
        while (heap.Take(out int rank, out int at))
        {
            // The entry is stale if either symbol has changed since; a symbol that was merged away is −1.
            int right = next[at];
            if (symbols[at] < 0 || right < 0 || Rank(symbols[at], symbols[right], merges, forbidden) != rank) continue;
            symbols[at] = merges.Result(rank);
            symbols[right] = -1;
            int after = next[at] = next[right];
            if (after >= 0) previous[after] = at;
            if (previous[at] >= 0) heap.Push(Rank(symbols[previous[at]], symbols[at], merges, forbidden), previous[at]);
            if (after >= 0) heap.Push(Rank(symbols[at], symbols[after], merges, forbidden), at);
        }

        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            if (symbols[i] >= 0) symbols[kept++] = symbols[i];
        }

        ArrayPool<int>.Shared.Return(next);
        ArrayPool<int>.Shared.Return(previous);
        return kept;
    }

    private static int Rank(int left, int right, MergeTable merges, bool[]? forbidden)
    {
        int rank = merges.Rank(left, right);
        return forbidden is null || rank == int.MaxValue || !forbidden[merges.Result(rank)] ? rank : int.MaxValue;
    }
}
