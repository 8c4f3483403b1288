namespace OrleansAlign.Core.Brackets;

/// <summary>Which candidates have the same content. A class is named by the index of its first member.</summary>
public static class CandidateIdentity
{
    /// <summary>Classes of equal texts, by ordinal comparison.</summary>
    public static int[] Classes(IReadOnlyList<string> candidates)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] classes = new int[candidates.Count];
        for (int i = 0; i < classes.Length; i++) classes[i] = first.TryAdd(candidates[i], i) ? i : first[candidates[i]];
        return classes;
    }
}
