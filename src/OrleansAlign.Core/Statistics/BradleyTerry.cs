namespace OrleansAlign.Core.Statistics;

/// <summary>How often one player got the better of another.</summary>
/// <param name="Winner">Index of the one.</param>
/// <param name="Loser">Index of the other.</param>
/// <param name="Weight">How often; a tie is half a win to each side. At least 0.</param>
public readonly record struct Win(int Winner, int Loser, double Weight = 1)
{
    /// <summary>A tie: half a win to each side.</summary>
    public static IReadOnlyList<Win> Tie(int a, int b) => [new(a, b, 0.5), new(b, a, 0.5)];
}

/// <summary>Strengths from paired comparisons: p(i beats j) = 1 / (1 + exp(s_j − s_i)) (Bradley and Terry 1952).</summary>
/// <remarks>
/// Fitted by minorisation–maximisation (Hunter 2004, eq. 3). Every player also has <see cref="Prior"/> wins and as many losses against a player
/// of strength 0, so that strengths stay finite without a loss or a win and are defined where groups never met. Deterministic.
/// </remarks>
public sealed record BradleyTerry
{
    /// <summary>Virtual wins and losses each against strength 0. Above 0; default 0.1.</summary>
    public double Prior { get; init; } = 0.1;

    /// <summary>Ends when no strength moves by more than this. Above 0; default 1e-10.</summary>
    public double Tolerance { get; init; } = 1e-10;

    /// <summary>Most sweeps. At least 1; default 10 000.</summary>
    public int MaximumSweeps { get; init; } = 10_000;

    /// <summary>What is wrong with these options; empty if nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Prior > 0) || double.IsInfinity(Prior)) yield return $"prior is {Prior}; it must be above 0 and finite";
        if (!(Tolerance > 0)) yield return $"tolerance is {Tolerance}; it must be above 0";
        if (MaximumSweeps < 1) yield return $"maximum-sweeps is {MaximumSweeps}; it must be 1 or more";
    }

    /// <summary>p(a beats b) under two strengths.</summary>
    public static double Probability(double strengthA, double strengthB) => 1 / (1 + Math.Exp(strengthB - strengthA));

    /// <summary>Strength per player, natural logarithm, shifted to mean 0; all 0 without a comparison.</summary>
    /// <param name="players">How many, at least 1.</param>
    /// <param name="wins">In any order; their order does not change the result's bits.</param>
    /// <exception cref="ArgumentException">The options have problems, a player is out of range or meets itself, or a weight is negative or
    /// no number.</exception>
    public double[] Fit(int players, IEnumerable<Win> wins)
    {
        if (Problems().FirstOrDefault() is { } problem) throw new ArgumentException(problem);
        ArgumentOutOfRangeException.ThrowIfLessThan(players, 1);
        double[] won = new double[players];
        double[,] met = new double[players, players];
        foreach (Win win in wins.OrderBy(w => w.Winner).ThenBy(w => w.Loser).ThenBy(w => w.Weight))
        {
            if (win.Winner < 0 || win.Winner >= players || win.Loser < 0 || win.Loser >= players || win.Winner == win.Loser || !(win.Weight >= 0)
                || double.IsInfinity(win.Weight))
                throw new ArgumentException($"{win} is no comparison among {players} players", nameof(wins));
            won[win.Winner] += win.Weight;
            met[win.Winner, win.Loser] += win.Weight;
            met[win.Loser, win.Winner] += win.Weight;
        }

        double[] odds = new double[players];
        Array.Fill(odds, 1);
        for (int sweep = 0; sweep < MaximumSweeps; sweep++)
        {
            double moved = 0;
            double[] next = new double[players];
            for (int i = 0; i < players; i++)
            {
                double pull = 2 * Prior / (odds[i] + 1);
                for (int j = 0; j < players; j++)
                {
                    if (j != i && met[i, j] > 0) pull += met[i, j] / (odds[i] + odds[j]);
                }

                next[i] = (won[i] + Prior) / pull;
                moved = Math.Max(moved, Math.Abs(Math.Log(next[i] / odds[i])));
            }

            odds = next;
            if (moved <= Tolerance) break;
        }

        double[] strengths = [.. odds.Select(o => Math.Log(o))];
        double mean = strengths.Sum() / players;
        return [.. strengths.Select(s => s - mean)];
    }
}
