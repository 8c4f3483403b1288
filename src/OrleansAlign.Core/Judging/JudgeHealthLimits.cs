using System.Globalization;
using OrleansAlign.Core.Statistics;

namespace OrleansAlign.Core.Judging;

/// <summary>
/// Limits above which a judge's figures are a concern. A rate is reported only if it exceeds its limit with 95 % confidence (Wilson).
/// </summary>
public sealed record JudgeHealthLimits
{
    /// <summary>Flips on swap. In [0, 1]; default 0.35, about a weak judge's.</summary>
    public double FlipRate { get; init; } = 0.35;

    /// <summary>Ties. In [0, 1]; default 0.5.</summary>
    public double TieRate { get; init; } = 0.5;

    /// <summary>Invalid verdicts. In [0, 1]; default 0.1.</summary>
    public double InvalidRate { get; init; } = 0.1;

    /// <summary>Wins of the longer response. In [0, 1]; default 0.75.</summary>
    public double LongerWinsRate { get; init; } = 0.75;

    /// <summary>Preference for either position: max(rate, 1 − rate) of the first. In [0.5, 1]; default 0.75.</summary>
    public double PositionRate { get; init; } = 0.75;

    /// <summary>Cyclic triads. In [0, 1]; default 0.15; coin tosses give 0.25.</summary>
    public double CycleRate { get; init; } = 0.15;

    /// <summary>Fewest observations before a rate is looked at. At least 1; default 20.</summary>
    public int MinimumCount { get; init; } = 20;

    /// <summary>What is wrong with these limits; empty if nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        foreach ((string name, double value, double least) in new[]
        {
            ("flip-rate", FlipRate, 0), ("tie-rate", TieRate, 0), ("invalid-rate", InvalidRate, 0), ("longer-wins-rate", LongerWinsRate, 0),
            ("position-rate", PositionRate, 0.5), ("cycle-rate", CycleRate, 0),
        })
        {
            if (!(value >= least && value <= 1)) yield return $"{name} is {value}; it must be from {least} to 1";
        }

        if (MinimumCount < 1) yield return $"minimum-count is {MinimumCount}; it must be 1 or more";
    }

    internal IReadOnlyList<string> Concerns(JudgeHealth health)
    {
        var concerns = new List<string>();
        if (Exceeds(health.FirstPreferred, health.OrdersDecided, PositionRate))
            concerns.Add($"the judge says A whichever response stands first ({Share(health.FirstPreferred, health.OrdersDecided)} of the orders)");
        if (Exceeds(health.OrdersDecided - health.FirstPreferred, health.OrdersDecided, PositionRate))
        {
            concerns.Add("the judge says B whichever response stands second "
                + $"({Share(health.OrdersDecided - health.FirstPreferred, health.OrdersDecided)} of the orders)");
        }

        if (Exceeds(health.Flips, health.BothOrders, FlipRate))
            concerns.Add($"the winner changes when the responses are swapped ({Share(health.Flips, health.BothOrders)} of the verdicts)");
        if (Exceeds(health.Ties, health.Verdicts, TieRate))
            concerns.Add($"the judge cannot tell the responses apart ({Share(health.Ties, health.Verdicts)} ties)");
        if (Exceeds(health.Invalids, health.Verdicts, InvalidRate))
            concerns.Add($"the judge often gives no readable verdict ({Share(health.Invalids, health.Verdicts)} invalid)");
        if (Exceeds(health.LongerWins, health.LengthsDiffer, LongerWinsRate))
            concerns.Add($"the longer response wins ({Share(health.LongerWins, health.LengthsDiffer)} of the verdicts on unequal lengths)");
        if (Exceeds(health.Cycles, health.Triads, CycleRate))
            concerns.Add($"the judge contradicts itself in circles ({Share(health.Cycles, health.Triads)} of the triads)");
        return concerns;
    }

    private bool Exceeds(long part, long whole, double limit) => whole >= MinimumCount && Proportion.Wilson(part, whole).Low > limit;

    private static string Share(long part, long whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:0} %, {part} of {whole}");
}
