namespace OrleansAlign.Core.Brackets;

/// <summary>Which candidates have the same content. A class is named by the index of its first member.</summary>
public static class CandidateIdentity
{
    /// <summary>Classes of equal texts, by ordinal comparison.</summary>
    public static int[] Classes(IReadOnlyList<string> candidates) => Classes(candidates, StringComparer.Ordinal);

    /// <summary>Classes of equal token sequences.</summary>
    public static int[] Classes(IReadOnlyList<int[]> candidates) => Classes(candidates, TokenComparer.Instance);

    /// <summary>All different: 0, 1, … count − 1.</summary>
    public static int[] Distinct(int count) => [.. Enumerable.Range(0, count)];

    private static int[] Classes<T>(IReadOnlyList<T> candidates, IEqualityComparer<T> comparer)
        where T : notnull
    {
        var first = new Dictionary<T, int>(comparer);
        int[] classes = new int[candidates.Count];
        for (int i = 0; i < classes.Length; i++) classes[i] = first.TryAdd(candidates[i], i) ? i : first[candidates[i]];
        return classes;
    }

    private sealed class TokenComparer : IEqualityComparer<int[]>
    {
        public static TokenComparer Instance { get; } = new();

        public bool Equals(int[]? x, int[]? y) => x is null ? y is null : y is not null && x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] tokens)
        {
            int hash = tokens.Length;
            foreach (int token in tokens) hash = unchecked((hash * 31) + token);
            return hash;
        }
    }
}
