namespace OrleansAlign.Models.Tokenizers;

/// <summary>Finds the tokens that a text starts with: the sorted vocabulary, narrowed character by character.</summary>
internal sealed class PrefixTable
{
    private readonly string[] sorted;
    private readonly int[] ids;
    private readonly Dictionary<char, (int Low, int High)> byFirst = [];

    /// <summary>Takes the tokens with their ids; an empty token is never found.</summary>
    public PrefixTable(IEnumerable<KeyValuePair<string, int>> vocabulary)
    {
        KeyValuePair<string, int>[] all = [.. vocabulary.Where(entry => entry.Key.Length > 0)];
        sorted = [.. all.Select(entry => entry.Key)];
        ids = [.. all.Select(entry => entry.Value)];
        Array.Sort(sorted, ids, StringComparer.Ordinal);
        for (int low = 0; low < sorted.Length;)
        {
            int high = low + 1;
            while (high < sorted.Length && sorted[high][0] == sorted[low][0]) high++;
            byFirst[sorted[low][0]] = (low, high);
            low = high;
        }
    }

    /// <summary>Fills <paramref name="found"/> with length and id of every token that the text starts with, shortest first.</summary>
    public void Find(ReadOnlySpan<char> text, List<(int Length, int Id)> found)
    {
        found.Clear();
        if (text.Length == 0 || !byFirst.TryGetValue(text[0], out (int Low, int High) range)) return;
        (int low, int high) = range;
        for (int depth = 1; ; depth++)
        {
            // A token that ends here sorts before those that go on.
            if (sorted[low].Length == depth) found.Add((depth, ids[low++]));
            if (depth == text.Length || low == high) return;
            low = Bound(low, high, depth, text[depth]);
            high = Bound(low, high, depth, text[depth] + 1);
            if (low == high) return;
        }
    }

    /// <summary>The first of a range, all longer than <paramref name="depth"/>, whose character there is at least <paramref name="least"/>.</summary>
    private int Bound(int low, int high, int depth, int least)
    {
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sorted[middle][depth] < least) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
