using System.Text;

namespace OrleansAlign.Models.Numerics;

/// <summary>Random numbers as a pure function of (seed, counter): no state, so any draw can be made again, in any order, on any thread.</summary>
/// <remarks>
/// The mixing function is SplitMix64's finaliser (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014), applied
/// to seed and counter in turn. Seeds are derived from names, never from a clock or from arrival order.
/// </remarks>
public static class CounterRandom
{
    /// <summary>The mixing's first multiplier.</summary>
    internal const ulong FirstFactor = 0xBF58476D1CE4E5B9;

    /// <summary>The mixing's second multiplier.</summary>
    internal const ulong SecondFactor = 0x94D049BB133111EB;

    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>64 random bits for draw <paramref name="counter"/> of <paramref name="seed"/>.</summary>
    public static ulong Bits(ulong seed, ulong counter) => Mix(SeedPart(seed) ^ CounterPart(counter));

    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    public static double Uniform(ulong seed, ulong counter) => (Bits(seed, counter) >> 11) * (1.0 / (1UL << 53));

    /// <summary>A standard normal number (Box–Muller on two uniform draws of the same counter).</summary>
    public static double Normal(ulong seed, ulong counter)
    {
        double u = 1.0 - Uniform(seed, counter * 2);
        double v = Uniform(seed, (counter * 2) + 1);
        return Math.Sqrt(-2.0 * Math.Log(u)) * Math.Cos(2.0 * Math.PI * v);
    }

    /// <summary>A uniform integer in [0, <paramref name="exclusiveMax"/>), by multiplication (bias below 2⁻³²).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exclusiveMax"/> is below 1.</exception>
    public static int Integer(ulong seed, ulong counter, int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveMax, 1);
        return (int)(((Bits(seed, counter) >> 32) * (ulong)exclusiveMax) >> 32);
    }

    /// <summary>A permutation of 0 … <paramref name="count"/> − 1 (Fisher–Yates).</summary>
    public static int[] Permutation(ulong seed, int count)
    {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        for (int i = count - 1; i > 0; i--)
        {
            int j = Integer(seed, (ulong)i, i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    /// <summary>A seed for the thing called <paramref name="name"/> under <paramref name="seed"/> (FNV-1a over UTF-8, then mixed).</summary>
    public static ulong Derive(ulong seed, string name)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(name)) hash = (hash ^ b) * 0x100000001B3;
        return Bits(seed, hash);
    }

    /// <summary>A seed for the <paramref name="index"/>-th thing under <paramref name="seed"/>.</summary>
    public static ulong Derive(ulong seed, ulong index) => Bits(seed ^ 0xD6E8FEB86659FD93, index);

    /// <summary>What a seed contributes to <see cref="Bits"/>: an engine that draws many counters of one seed elsewhere mixes these itself.</summary>
    internal static ulong SeedPart(ulong seed) => Mix(seed + Golden);

    /// <summary>What a counter contributes to <see cref="Bits"/>.</summary>
    internal static ulong CounterPart(ulong counter) => Mix((counter * Golden) + Golden);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * FirstFactor;
        z = (z ^ (z >> 27)) * SecondFactor;
        return z ^ (z >> 31);
    }
}
