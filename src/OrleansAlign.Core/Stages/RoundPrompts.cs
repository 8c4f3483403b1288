using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Stages;

/// <summary>
/// The prompt at each place of each round: a round goes on in a seeded order where the last round ended, and a new order begins when it is used up.
/// </summary>
/// <remarks>Safe for concurrent callers.</remarks>
/// <param name="seed">Seed of the orders.</param>
/// <param name="prompts">Number of prompts.</param>
/// <param name="count">Prompts per round.</param>
public sealed class RoundPrompts(ulong seed, int prompts, int count)
{
    /// <summary>Orders kept: a round may cross from one order into the next, and a slow caller may still read the round before.</summary>
    private const int OrdersKept = 4;

    private readonly Lock gate = new();
    private readonly SortedDictionary<long, int[]> orders = [];

    /// <summary>Prompts per round.</summary>
    public int Count => count;

    /// <summary>The prompt at place <paramref name="index"/> of round <paramref name="round"/> (from 1).</summary>
    public int At(int round, int index)
    {
        long position = ((long)(round - 1) * count) + index;
        long pass = position / prompts;
        return OrderOf(pass)[position % prompts];
    }

    private int[] OrderOf(long pass)
    {
        lock (gate)
        {
            if (orders.TryGetValue(pass, out int[]? order)) return order;
            if (orders.Count == OrdersKept) orders.Remove(orders.Keys.First());
            return orders[pass] = CounterRandom.Permutation(CounterRandom.Derive(seed, (ulong)pass), prompts);
        }
    }
}
