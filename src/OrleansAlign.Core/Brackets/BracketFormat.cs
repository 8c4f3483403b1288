namespace OrleansAlign.Core.Brackets;

/// <summary>Who plays whom.</summary>
public enum BracketFormat
{
    /// <summary>Knock-out from a seeded draw: n − 1 matches, ⌈log₂ n⌉ rounds.</summary>
    SingleElimination,

    /// <summary>Knock-out, and the losers of round one play on among themselves for the last place: ⌊n/2⌋ − 1 matches more.</summary>
    LosersBracket,

    /// <summary>⌈log₂ n⌉ rounds of ⌊n/2⌋ matches between candidates of like points.</summary>
    Swiss,

    /// <summary>All n (n − 1) / 2 pairs.</summary>
    RoundRobin,
}

/// <summary>The formats' names in recipes.</summary>
public static class BracketFormats
{
    private static readonly (BracketFormat Format, string Name)[] Names =
    [
        (BracketFormat.SingleElimination, "single-elimination"),
        (BracketFormat.LosersBracket, "losers-bracket"),
        (BracketFormat.Swiss, "swiss"),
        (BracketFormat.RoundRobin, "round-robin"),
    ];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.Select(n => n.Name)];

    /// <summary>The name of a format.</summary>
    public static string Name(this BracketFormat format) => Names.Single(n => n.Format == format).Name;

    /// <summary>The format of a name, as written in recipes.</summary>
    public static bool TryParse(string name, out BracketFormat format)
    {
        int index = Array.FindIndex(Names, n => n.Name == name);
        format = index < 0 ? default : Names[index].Format;
        return index >= 0;
    }

    /// <summary>How many matches the format plays among candidates that all differ.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no candidate.</exception>
    public static int MatchCount(this BracketFormat format, int candidates)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(candidates, 1);
        return format switch
        {
            BracketFormat.SingleElimination => candidates - 1,
            BracketFormat.LosersBracket => candidates - 1 + Math.Max(0, (candidates / 2) - 1),
            BracketFormat.Swiss => Rounds(candidates) * (candidates / 2),
            _ => candidates * (candidates - 1) / 2,
        };
    }

    /// <summary>⌈log₂ n⌉.</summary>
    internal static int Rounds(int candidates)
    {
        int rounds = 0;
        for (int reach = 1; reach < candidates; reach *= 2) rounds++;
        return rounds;
    }
}
