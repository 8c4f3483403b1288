namespace OrleansAlign.Core.Runs;

/// <summary>How runs and their policies are named.</summary>
public static class RunNames
{
    /// <summary>Names for a new run, the most wanted first: <c>name-seedN</c>, then <c>name-seedN-2</c>, and so on.</summary>
    public static IEnumerable<string> Candidates(string name, ulong seed)
    {
        yield return $"{name}-seed{seed}";
        for (int i = 2; ; i++) yield return $"{name}-seed{seed}-{i}";
    }

    /// <summary>Splits the name of a policy, <c>run</c> (its latest) or <c>run@hash</c> (the beginning of a hash is enough).</summary>
    public static (string Run, string? Hash) SplitPolicy(string name) => name.Split('@', 2) is [var run, var hash] ? (run, hash) : (name, null);

    /// <summary>The policy of a run that a name means.</summary>
    /// <param name="name">The name, for messages.</param>
    /// <param name="hash">The first digits of its hash; null for the latest policy.</param>
    /// <param name="policies">The run's policies, oldest first.</param>
    /// <exception cref="InvalidDataException">No policy matches, or several do.</exception>
    public static string FindPolicy(string name, string? hash, IEnumerable<string> policies)
    {
        string[] all = [.. policies.Distinct()];
        if (all.Length == 0) throw new InvalidDataException($"{name}: the run has no policy yet; wait for its first");
        if (hash is null) return policies.Last();
        string[] fitting = [.. all.Where(policy => policy.StartsWith(hash, StringComparison.Ordinal))];
        return fitting is [var one] ? one : throw new InvalidDataException(fitting.Length == 0
            ? $"{name}: no policy of the run begins so; there are {string.Join(", ", all.Select(policy => policy[..12]))}"
            : $"{name}: {fitting.Length} policies of the run begin so; give more of the hash");
    }
}
