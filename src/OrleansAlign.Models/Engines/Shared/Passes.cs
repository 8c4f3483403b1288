namespace OrleansAlign.Models.Engines.Shared;

/// <summary>Divides sequences among passes that hold a limited number of tokens.</summary>
internal static class Passes
{
    /// <summary>Fills one pass after another, in order, up to the budget; a longer sequence makes a pass of its own.</summary>
    /// <param name="indices">Numbers of the sequences.</param>
    /// <param name="length">Tokens of a sequence.</param>
    /// <param name="budget">Most tokens of a pass.</param>
    public static List<List<int>> Split(IEnumerable<int> indices, Func<int, int> length, long budget)
    {
        List<List<int>> passes = [];
        long tokens = 0;
        foreach (int index in indices)
        {
            int count = length(index);
            if (passes.Count == 0 || tokens + count > budget)
            {
                passes.Add([]);
                tokens = 0;
            }

            passes[^1].Add(index);
            tokens += count;
        }

        return passes;
    }

    /// <summary>The same for sequences sorted by length, the longest first, so that neighbours are alike.</summary>
    public static List<List<int>> SplitSorted(IEnumerable<int> indices, Func<int, int> length, long budget) =>
        Split(indices.OrderByDescending(length).ThenBy(i => i), length, budget);
}
