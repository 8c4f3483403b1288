namespace OrleansAlign.Grains.Contracts.Wire;

/// <summary>Lists in the form in which they travel. Nobody changes a list once it is part of a row, so one that has this form already is taken as it is.</summary>
internal static class Copies
{
    public static T[] AsArray<T>(this IReadOnlyList<T> list) => list as T[] ?? [.. list];

    public static Dictionary<string, double> AsDictionary(this IReadOnlyDictionary<string, double> figures) => figures as Dictionary<string, double> ?? new(figures);
}
