using System.Numerics;
using OrleansAlign.Core.Text;

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

/// <summary>Formats by name, and their rounds.</summary>
public static class BracketFormats
{
    /// <summary>The format of a name, as written in recipes.</summary>
    public static bool TryParse(string name, out BracketFormat format)
    {
        format = Enum.GetValues<BracketFormat>().FirstOrDefault(f => f.Name() == name);
        return format.Name() == name;
    }

    /// <summary>⌈log₂ n⌉.</summary>
    internal static int Rounds(int candidates) => 32 - BitOperations.LeadingZeroCount((uint)(candidates - 1));
}
