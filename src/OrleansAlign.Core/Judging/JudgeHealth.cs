using System.Globalization;
using OrleansAlign.Core.Statistics;

namespace OrleansAlign.Core.Judging;

/// <summary>One verdict of a prompt with the lengths of the two responses: the input of <see cref="JudgeHealth"/>.</summary>
/// <param name="A">Index of the first response among the prompt's candidates.</param>
/// <param name="B">Index of the second.</param>
/// <param name="Verdict">What the judge decided.</param>
/// <param name="LengthA">Tokens of the first response.</param>
/// <param name="LengthB">Tokens of the second.</param>
public sealed record JudgedMatch(int A, int B, Verdict Verdict, int LengthA, int LengthB);

/// <summary>Counts that tell whether a judge can be trusted. Immutable; sums of counts, so the order in which prompts arrive does not
/// matter.</summary>
public sealed record JudgeHealth
{
    /// <summary>Limits on the shares of flips on swap (about a weak judge's), of ties, and of invalid verdicts.</summary>
    public const double FlipLimit = 0.35, TieLimit = 0.5, InvalidLimit = 0.1;

    // The position's limit holds for the first and for the second; coin tosses give 0.25 of cyclic triads.
    private const double LongerWinsLimit = 0.75, PositionLimit = 0.75, CycleLimit = 0.15;

    private const int FewestObservations = 20;

    /// <summary>A judge that has judged nothing.</summary>
    public static JudgeHealth Empty { get; } = new();

    /// <summary>All verdicts.</summary>
    public long Verdicts { get; init; }

    /// <summary>Verdicts with a winner.</summary>
    public long Decided { get; init; }

    /// <summary>Verdicts that are ties.</summary>
    public long Ties { get; init; }

    /// <summary>Verdicts that are invalid.</summary>
    public long Invalids { get; init; }

    /// <summary>Valid verdicts read in both orders.</summary>
    public long BothOrders { get; init; }

    /// <summary>Of <see cref="BothOrders"/>: those whose two orders name different winners.</summary>
    public long Flips { get; init; }

    /// <summary>Decided verdicts about responses of different length.</summary>
    public long LengthsDiffer { get; init; }

    /// <summary>Of <see cref="LengthsDiffer"/>: those won by the longer response.</summary>
    public long LongerWins { get; init; }

    /// <summary>Single orders of single principles in which the two decision tokens differ.</summary>
    public long OrdersDecided { get; init; }

    /// <summary>Of <see cref="OrdersDecided"/>: those in which the response shown first is preferred.</summary>
    public long FirstPreferred { get; init; }

    /// <summary>Triples of one prompt's candidates of which all three pairs are decided.</summary>
    public long Triads { get; init; }

    /// <summary>Of <see cref="Triads"/>: those in which each beats one of the others, so that there is no best.</summary>
    public long Cycles { get; init; }

    /// <summary>These counts and those of one more prompt's verdicts.</summary>
    public JudgeHealth Add(IReadOnlyList<JudgedMatch> promptMatches)
    {
        JudgeHealth health = this;
        foreach (JudgedMatch match in promptMatches) health = health.Count(match);
        (long triads, long cycles) = CountTriads(promptMatches);
        return health with { Triads = health.Triads + triads, Cycles = health.Cycles + cycles };
    }

    /// <summary>What is wrong with this judge, in plain words; empty if nothing is, or if too little was judged to tell.</summary>
    /// <remarks>A rate is reported only if it exceeds its limit with 95 % confidence (Wilson).</remarks>
    public IReadOnlyList<string> Concerns()
    {
        (long Part, long Whole, double Limit, string Concern, string What)[] shares =
        [
            (FirstPreferred, OrdersDecided, PositionLimit, "the judge says A whichever response stands first", "of the orders"),
            (OrdersDecided - FirstPreferred, OrdersDecided, PositionLimit, "the judge says B whichever response stands second", "of the orders"),
            (Flips, BothOrders, FlipLimit, "the winner changes when the responses are swapped", "of the verdicts"),
            (Ties, Verdicts, TieLimit, "the judge cannot tell the responses apart", "ties"),
            (Invalids, Verdicts, InvalidLimit, "the judge often gives no readable verdict", "invalid"),
            (LongerWins, LengthsDiffer, LongerWinsLimit, "the longer response wins", "of the verdicts on unequal lengths"),
            (Cycles, Triads, CycleLimit, "the judge contradicts itself in circles", "of the triads"),
        ];
        return [.. shares.Where(s => s.Whole >= FewestObservations && Proportion.Wilson(s.Part, s.Whole).Low > s.Limit).Select(
            s => string.Create(CultureInfo.InvariantCulture, $"{s.Concern} ({100.0 * s.Part / s.Whole:0} %, {s.Part} of {s.Whole} {s.What})"))];
    }

    private JudgeHealth Count(JudgedMatch match)
    {
        Verdict verdict = match.Verdict;
        bool decided = verdict.Outcome.IsDecided(), bothOrders = verdict.Outcome != Outcome.Invalid && verdict.Readings.Count > 0;
        bool differ = decided && match.LengthA != match.LengthB;
        long orders = 0, first = 0;
        foreach (PrincipleReading reading in bothOrders ? verdict.Readings : [])
        {
            foreach (OrderReading order in (ReadOnlySpan<OrderReading>)[reading.Forward, reading.Swapped])
            {
                if (order.ProbabilityA == order.ProbabilityB) continue;
                orders++;
                if (order.ProbabilityA > order.ProbabilityB) first++;
            }
        }

        return this with
        {
            Verdicts = Verdicts + 1,
            Decided = Decided + (decided ? 1 : 0),
            Ties = Ties + (verdict.Outcome == Outcome.Tie ? 1 : 0),
            Invalids = Invalids + (verdict.Outcome == Outcome.Invalid ? 1 : 0),
            BothOrders = BothOrders + (bothOrders ? 1 : 0),
            Flips = Flips + (bothOrders && verdict.Flipped ? 1 : 0),
            LengthsDiffer = LengthsDiffer + (differ ? 1 : 0),
            LongerWins = LongerWins + (differ && (verdict.Outcome == Outcome.A) == (match.LengthA > match.LengthB) ? 1 : 0),
            OrdersDecided = OrdersDecided + orders,
            FirstPreferred = FirstPreferred + first,
        };
    }

    private static (long Triads, long Cycles) CountTriads(IReadOnlyList<JudgedMatch> matches)
    {
        // balance[(i, j)] with i < j: verdicts for i minus verdicts for j; a pair that met twice and split counts as undecided.
        var balance = new Dictionary<(int, int), int>();
        foreach (JudgedMatch match in matches)
        {
            if (!match.Verdict.Outcome.IsDecided() || match.A == match.B) continue;
            (int, int) key = match.A < match.B ? (match.A, match.B) : (match.B, match.A);
            bool lowWins = (match.Verdict.Outcome == Outcome.A) == (match.A < match.B);
            balance[key] = balance.GetValueOrDefault(key) + (lowWins ? 1 : -1);
        }

        int[] players = [.. balance.Keys.SelectMany(k => (int[])[k.Item1, k.Item2]).Distinct().Order()];
        long triads = 0, cycles = 0;
        for (int i = 0; i < players.Length; i++)
        {
            for (int j = i + 1; j < players.Length; j++)
            {
                int ij = balance.GetValueOrDefault((players[i], players[j]));
                if (ij == 0) continue;
                for (int k = j + 1; k < players.Length; k++)
                {
                    int jk = balance.GetValueOrDefault((players[j], players[k])), ik = balance.GetValueOrDefault((players[i], players[k]));
                    if (jk == 0 || ik == 0) continue;
                    triads++;
                    if (Math.Sign(ij) == Math.Sign(jk) && Math.Sign(ij) != Math.Sign(ik)) cycles++;
                }
            }
        }

        return (triads, cycles);
    }
}
