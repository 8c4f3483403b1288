using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Pairing;
using OrleansAlign.Core.Text;

namespace OrleansAlign.Core.Tournaments;

/// <summary>How a prompt's candidates are decided, and which pairs are made.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>Whether a judge is asked.</summary>
    public bool AsksJudge => this is not ByData;

    /// <summary>A judge compares candidates in a bracket.</summary>
    /// <param name="Format">Which candidates meet in matches.</param>
    /// <param name="Pairing">Which pairs are made from the bracket's results.</param>
    public sealed record ByBracket(BracketFormat Format, PairingOptions Pairing) : Decision;

    /// <summary>A judge scores each candidate, and the best is paired with the worst (Self-Rewarding, arXiv:2401.10020, §2.3).</summary>
    /// <param name="Pairing">How far apart the two scores must be.</param>
    public sealed record ByScores(PairingOptions Pairing) : Decision;

    /// <summary>The data decides: the first candidate is preferred to each of the others that differs from it.</summary>
    public sealed record ByData : Decision;

    /// <summary>The rule that makes pairs, as <c>explain</c> names it.</summary>
    public string PairingName => this switch
    {
        ByBracket bracket => bracket.Pairing.Rule.Name(),
        ByScores scores => scores.Pairing.Rule.Name(),
        _ => "the data",
    };
}
