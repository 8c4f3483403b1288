using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Text;

namespace OrleansAlign.Core.Pairing;

/// <summary>How pairs are picked from a judged prompt.</summary>
public sealed record PairingOptions
{
    /// <summary>Which candidates are paired. Default: winner against a first-round loser.</summary>
    public PairingRule Rule { get; init; }

    /// <summary>Pairs with a margin below this are dropped. At least 0; at most 1 unless scores are paired. Default 0.</summary>
    public double MinimumMargin { get; init; }

    /// <summary>What is wrong with these options, alone or with a bracket format; empty if nothing is.</summary>
    public IEnumerable<string> Problems(BracketFormat? format = null)
    {
        if (!Enum.IsDefined(Rule))
        {
            yield return $"pairing rule is {Rule}; it must be one of {KebabCase.NamesOf<PairingRule>()}";
            yield break;
        }

        bool scores = Rule == PairingRule.BestVsWorstScore;
        if (!(MinimumMargin >= 0) || double.IsInfinity(MinimumMargin) || (!scores && MinimumMargin > 1))
            yield return $"minimum-margin is {MinimumMargin}; it must be 0 or more{(scores ? " and finite" : " and at most 1")}";
        if (scores && format is { } played)
            yield return $"pairing {Rule.Name()} needs a judge that scores, not a {played.Name()} bracket; choose one of the other rules";
        if (Rule == PairingRule.WinnerVsFirstRoundLoser && format == BracketFormat.RoundRobin)
            yield return $"pairing {Rule.Name()} needs rounds, which {BracketFormat.RoundRobin.Name()} has not; choose another of the rules";
    }
}
