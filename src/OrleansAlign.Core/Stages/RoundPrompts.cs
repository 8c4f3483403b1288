using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Stages;

/// <summary>Which prompt stands where in which round: rounds go on through a seeded order where the last one ended, and begin a new order when it is used up.</summary>
/// <param name="seed">Seed of the orders.</param>
/// <param name="prompts">Number of prompts.</param>
/// <param name="count">Prompts per round.</param>
public sealed class RoundPrompts(ulong seed, int prompts, int count)
{
    private readonly Dictionary<long, int[]> orders = [];

    /// <summary>Prompts per round.</summary>
    public int Count => count;

    /// <summary>The prompt at place <paramref name="index"/> of round <paramref name="round"/> (from 1).</summary>
    public int At(int round, int index)
    {
        long position = ((long)(round - 1) * count) + index;
        long pass = position / prompts;
        if (!orders.TryGetValue(pass, out int[]? order)) orders[pass] = order = CounterRandom.Permutation(CounterRandom.Derive(seed, (ulong)pass), prompts);
        return order[position % prompts];
    }
}
