using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Stages;

/// <summary>Which prompt stands where in which round: rounds go on through a seeded order where the last one ended, and begin a new order when it is used up.</summary>
/// <remarks>For any number of callers at once.</remarks>
/// <param name="seed">Seed of the orders.</param>
/// <param name="prompts">Number of prompts.</param>
/// <param name="count">Prompts per round.</param>
public sealed class RoundPrompts(ulong seed, int prompts, int count)
{
    /// <summary>Orders kept: a round touches two where it goes on into a new one, and those who lag behind may be a round back.</summary>
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
