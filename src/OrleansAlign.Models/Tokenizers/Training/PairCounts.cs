using System.Runtime.InteropServices;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>How often each pair of neighbouring symbols occurs in a list of words, kept up to date while pairs are merged.</summary>
internal sealed class PairCounts
{
    private readonly List<(int[] Symbols, long Count)> words;
    private readonly int[] lengths;
    private readonly int[] visits;
    private readonly Dictionary<ulong, long> counts = [];
    private readonly Dictionary<ulong, List<int>> places = [];
    private readonly PriorityQueue<ulong, (long Count, ulong Pair)> queue =
        new(Comparer<(long Count, ulong Pair)>.Create((a, b) => a.Count != b.Count ? b.Count.CompareTo(a.Count) : a.Pair.CompareTo(b.Pair)));

    private int visit;

    /// <summary>Takes the words, each with how often it occurs; their symbols are rewritten as pairs are merged.</summary>
    public PairCounts(List<(int[] Symbols, long Count)> words)
    {
        this.words = words;
        lengths = [.. words.Select(word => word.Symbols.Length)];
        visits = new int[words.Count];
        for (int word = 0; word < words.Count; word++)
        {
            for (int i = 0; i + 1 < lengths[word]; i++) Add(words[word].Symbols[i], words[word].Symbols[i + 1], words[word].Count, word);
        }

        foreach ((ulong pair, long count) in counts) queue.Enqueue(pair, (count, pair));
    }

    /// <summary>Takes out the most frequent pair, of equals the lowest; null if none occurs <paramref name="least"/> times.</summary>
    public (int Left, int Right)? TakeMostFrequent(int least)
    {
        while (queue.TryDequeue(out ulong pair, out (long Count, ulong Pair) entry))
        {
            long count = counts.GetValueOrDefault(pair);
            if (count == entry.Count && count >= least) return ((int)(pair >> 32), (int)(uint)pair);

            // Counts that have grown since were queued again when they did; those that have shrunk are queued again here.
            if (count < entry.Count && count >= least) queue.Enqueue(pair, (count, pair));
        }

        return null;
    }

    /// <summary>Replaces every occurrence of a pair, from left to right, by <paramref name="merged"/>.</summary>
    public void Merge(int left, int right, int merged)
    {
        ulong pair = Key(left, right);
        if (!places.Remove(pair, out List<int>? list)) return;
        HashSet<ulong> grown = [];
        visit++;
        foreach (int word in list)
        {
            // A word is listed once for each time that the pair came up in it.
            if (visits[word] == visit) continue;
            visits[word] = visit;
            MergeWord(word, left, right, merged, grown);
        }

        counts.Remove(pair);
        foreach (ulong each in grown)
        {
            if (counts.TryGetValue(each, out long count)) queue.Enqueue(each, (count, each));
        }
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private void MergeWord(int word, int left, int right, int merged, HashSet<ulong> grown)
    {
        (int[] symbols, long count) = words[word];
        int length = lengths[word], written = 0;
        for (int i = 0; i < length;)
        {
            if (i + 1 >= length || symbols[i] != left || symbols[i + 1] != right)
            {
                symbols[written++] = symbols[i++];
                continue;
            }

            if (written > 0)
            {
                counts[Key(symbols[written - 1], left)] -= count;
                grown.Add(Add(symbols[written - 1], merged, count, word));
            }

            if (i + 2 < length)
            {
                counts[Key(right, symbols[i + 2])] -= count;
                grown.Add(Add(merged, symbols[i + 2], count, word));
            }

            symbols[written++] = merged;
            i += 2;
        }

        lengths[word] = written;
    }

    private ulong Add(int left, int right, long count, int word)
    {
        ulong pair = Key(left, right);
        CollectionsMarshal.GetValueRefOrAddDefault(counts, pair, out _) += count;
        ref List<int>? list = ref CollectionsMarshal.GetValueRefOrAddDefault(places, pair, out _);
        list ??= [];
        if (list.Count == 0 || list[^1] != word) list.Add(word);
        return pair;
    }
}
