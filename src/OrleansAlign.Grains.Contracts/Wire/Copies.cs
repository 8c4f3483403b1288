namespace OrleansAlign.Grains.Contracts.Wire;

/// <summary>Converts lists to serializable types. A list that is part of a row is never changed, so one that has the type already is not copied.</summary>
internal static class Copies
{
    public static T[] AsArray<T>(this IReadOnlyList<T> list) => list as T[] ?? [.. list];
}
