namespace OrleansAlign.Models.Engines.Shared;

/// <summary>Equality of token sequences by content.</summary>
internal sealed class TokenComparer : IEqualityComparer<int[]>
{
    public static TokenComparer Instance { get; } = new();

    public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(int[] obj)
    {
        uint hash = 2166136261;
        foreach (int token in obj) hash = (hash ^ (uint)token) * 16777619;
        return (int)hash;
    }
}
