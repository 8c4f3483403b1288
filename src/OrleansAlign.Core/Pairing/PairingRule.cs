namespace OrleansAlign.Core.Pairing;

/// <summary>Which candidates of a judged prompt become chosen and rejected.</summary>
public enum PairingRule
{
    /// <summary>The winner against one of those that lost in round one by a verdict, drawn by the seed.</summary>
    WinnerVsFirstRoundLoser,

    /// <summary>The winner against the last of the standing; where several share the last place, one drawn by the seed.</summary>
    WinnerVsLast,

    /// <summary>The winner against the runner-up; where several share the place, one drawn by the seed.</summary>
    WinnerVsFinalist,

    /// <summary>The best score against the worst, for judges that score.</summary>
    BestVsWorstScore,

    /// <summary>Every match decided by a verdict.</summary>
    AllDecided,
}

/// <summary>The rules' names in recipes.</summary>
public static class PairingRules
{
    private static readonly (PairingRule Rule, string Name)[] Names =
    [
        (PairingRule.WinnerVsFirstRoundLoser, "winner-vs-first-round-loser"),
        (PairingRule.WinnerVsLast, "winner-vs-last"),
        (PairingRule.WinnerVsFinalist, "winner-vs-finalist"),
        (PairingRule.BestVsWorstScore, "best-vs-worst-score"),
        (PairingRule.AllDecided, "all-decided"),
    ];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.Select(n => n.Name)];

    /// <summary>The name of a rule.</summary>
    public static string Name(this PairingRule rule) => Names.Single(n => n.Rule == rule).Name;

    /// <summary>The rule of a name, as written in recipes.</summary>
    public static bool TryParse(string name, out PairingRule rule)
    {
        int index = Array.FindIndex(Names, n => n.Name == name);
        rule = index < 0 ? default : Names[index].Rule;
        return index >= 0;
    }
}
