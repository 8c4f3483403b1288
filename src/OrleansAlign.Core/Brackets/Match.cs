using OrleansAlign.Core.Judging;

namespace OrleansAlign.Core.Brackets;

/// <summary>Which part of a bracket a match belongs to.</summary>
public enum BracketPart
{
    /// <summary>The bracket proper.</summary>
    Main,

    /// <summary>The losers' bracket, in which the loser of a match plays on.</summary>
    Losers,
}

/// <summary>Two candidates that meet.</summary>
/// <param name="Id">Stable within the bracket: "main-1-0" is part, round and slot. The same match has the same id in any replay.</param>
/// <param name="Part">Which part of the bracket.</param>
/// <param name="Round">From 1.</param>
/// <param name="Slot">Place within the round, from 0.</param>
/// <param name="A">Index of the first candidate.</param>
/// <param name="B">Index of the second candidate.</param>
public sealed record Match(string Id, BracketPart Part, int Round, int Slot, int A, int B);

/// <summary>What a bracket needs to know of a verdict.</summary>
/// <param name="Outcome">Who won, seen from the match's sides.</param>
/// <param name="Margin">The verdict's signed margin, in [−1, 1], positive towards side A.</param>
public readonly record struct MatchResult(Outcome Outcome, double Margin)
{
    /// <summary>The result of a verdict.</summary>
    public static MatchResult Of(Verdict verdict) => new(verdict.Outcome, verdict.Margin);

    /// <summary>The margin towards the winner, in [0, 1]; 0 without one.</summary>
    public double Confidence => Outcome.Confidence(Margin);
}

/// <summary>What decided a match.</summary>
public enum Advancement
{
    /// <summary>By the judge's verdict.</summary>
    Verdict,

    /// <summary>By a coin bound to the match's id, because the verdict was a tie or invalid. Such a match is never a source of labels.</summary>
    Coin,

    /// <summary>By the coin and without a judge, because both candidates have the same content.</summary>
    Identical,
}

/// <summary>A match that is over.</summary>
/// <param name="Match">Who met.</param>
/// <param name="Result">What the judge said; a tie for identical candidates.</param>
/// <param name="Winner">Index of the candidate that counts as winner.</param>
/// <param name="Advancement">What decided the match.</param>
public sealed record DecidedMatch(Match Match, MatchResult Result, int Winner, Advancement Advancement)
{
    /// <summary>Index of the other candidate.</summary>
    public int Loser => Winner == Match.A ? Match.B : Match.A;

    /// <summary>Adds a win, two half points, to its winner; a tie or an invalid verdict, one half point each, to both sides.</summary>
    internal void AddHalfPoints(int[] halfPoints)
    {
        bool decided = Result.Outcome.IsDecided();
        halfPoints[Winner] += decided ? 2 : 1;
        halfPoints[Loser] += decided ? 0 : 1;
    }
}
