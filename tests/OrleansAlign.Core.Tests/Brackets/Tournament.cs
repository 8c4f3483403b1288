using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Judging;

namespace OrleansAlign.Core.Tests.Brackets;

/// <summary>Plays brackets to their end with a given judge.</summary>
internal static class Tournament
{
    public static readonly BracketFormat[] Formats = Enum.GetValues<BracketFormat>();

    /// <summary>A judge that always knows: the higher strength wins, by a margin that grows with the difference.</summary>
    public static Func<Match, MatchResult> Oracle(IReadOnlyList<double> strength) => match =>
    {
        double margin = Math.Tanh(strength[match.A] - strength[match.B]);
        return new MatchResult(margin > 0 ? Outcome.A : margin < 0 ? Outcome.B : Outcome.Tie, margin);
    };

    /// <summary>The bracket after one more result.</summary>
    public static Bracket Advance(this Bracket bracket, string matchId, MatchResult result) => bracket.Advance([KeyValuePair.Create(matchId, result)]);

    /// <summary>Judges whole waves of pending matches at a time.</summary>
    public static Bracket Play(Bracket bracket, Func<Match, MatchResult> judge)
    {
        while (!bracket.IsComplete)
        {
            Assert.NotEmpty(bracket.Pending);
            bracket = bracket.Advance(bracket.Pending.Select(m => KeyValuePair.Create(m.Id, judge(m))));
        }

        return bracket;
    }

    /// <summary>Judges one pending match at a time, whichever <paramref name="pick"/> says.</summary>
    public static Bracket PlaySingly(Bracket bracket, Func<Match, MatchResult> judge, Func<int, int> pick)
    {
        while (!bracket.IsComplete)
        {
            Match match = bracket.Pending[pick(bracket.Pending.Count)];
            bracket = bracket.Advance(match.Id, judge(match));
        }

        return bracket;
    }
}
