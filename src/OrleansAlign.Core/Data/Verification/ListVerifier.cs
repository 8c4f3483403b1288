namespace OrleansAlign.Core.Data.Verification;

/// <summary>The response is a list of exactly n distinct items, each one of those allowed, separated as the check says.</summary>
/// <remarks>Score: (good − bad) / n, where the first n distinct allowed items are good and everything else is bad; below 0 if bad
/// outweighs good.</remarks>
internal sealed class ListVerifier : IVerifier
{
    private readonly int count;
    private readonly string separator;
    private readonly HashSet<string> allowed;

    public ListVerifier(int count, IReadOnlyList<string> allowed, string separator = ", ")
    {
        this.separator = separator;
        this.allowed = new HashSet<string>(allowed, StringComparer.Ordinal);
        this.count = count <= this.allowed.Count
            ? count
            : throw new InvalidDataException($"check: \"count\" is {count}, but \"allowed\" has {this.allowed.Count} different items; allow as many");
    }

    public VerifierResult Check(Prompt prompt, string response)
    {
        string[] items = response.Trim().Split(separator);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int good = 0;
        foreach (string item in items)
        {
            if (good < count && allowed.Contains(item) && seen.Add(item)) good++;
        }

        int bad = items.Length - good;
        return good == count && bad == 0
            ? VerifierResult.Passed
            : new VerifierResult(false, (double)(good - bad) / count, $"{good} of {count} items good, {bad} repeated, superfluous or not allowed");
    }
}
