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
