using OrleansAlign.Core.Judging;

namespace OrleansAlign.Core.Statistics;

/// <summary>How one policy does against another over verdicts read in both orders; side a of every verdict is the policy in question.</summary>
/// <param name="Wins">Verdicts for a.</param>
/// <param name="Losses">Verdicts for b.</param>
/// <param name="Ties">Ties.</param>
/// <param name="Invalids">Invalid verdicts; they count nowhere else.</param>
public sealed record WinRate(int Wins, int Losses, int Ties, int Invalids)
{
    /// <summary>Valid verdicts.</summary>
    public int Valid => Wins + Losses + Ties;

    /// <summary>(wins + ties / 2) / valid, in [0, 1]; null without a valid verdict.</summary>
    public double? Rate => Valid == 0 ? null : (Wins + (Ties / 2.0)) / Valid;

    /// <summary>Wilson's interval of <see cref="Rate"/>, 95 %, a tie being half a success.</summary>
    public Interval Interval => Proportion.Wilson(Wins + (Ties / 2.0), Valid);

    /// <summary>Two-sided sign test on the decided verdicts: how probable so uneven a result is between equals.</summary>
    public double PValue => Proportion.SignTest(Wins, Wins + Losses);

    /// <summary>Counts verdicts.</summary>
    public static WinRate Of(IEnumerable<Verdict> verdicts)
    {
        ILookup<Outcome, Verdict> by = verdicts.ToLookup(v => v.Outcome);
        return new WinRate(by[Outcome.A].Count(), by[Outcome.B].Count(), by[Outcome.Tie].Count(), by[Outcome.Invalid].Count());
    }
}
