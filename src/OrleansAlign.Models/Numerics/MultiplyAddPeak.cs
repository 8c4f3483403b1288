using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace OrleansAlign.Models.Numerics;

/// <summary>The processor's rate of fused multiply-adds, measured on registers alone: what the shares of peak refer to.</summary>
internal static unsafe class MultiplyAddPeak<V>
    where V : struct, ISimd<V>
{
    private const int Chains = 10;

    private const int Rounds = 400_000, LoopsTogether = 8;

    /// <summary>Floating-point operations per second of one thread: the best of <paramref name="repeats"/> runs of a millisecond or so.</summary>
    public static double OneThread(int repeats) => 2.0 * Rounds * Chains * V.Count / Best(repeats, () => Work(1));

    /// <summary>
    /// Floating-point operations per second of a pool's threads, all at work at the same time: the best of <paramref name="repeats"/> joint
    /// runs.
    /// </summary>
    /// <remarks>Measured jointly, since threads may share a core's units: the sum of what each reaches by itself would be more than there is.</remarks>
    public static double Together(WorkerPool pool, int repeats) =>
        2.0 * Rounds * LoopsTogether * Chains * V.Count * pool.Threads / Best(repeats, () => pool.Run(pool.Threads, (_, _) => Work(LoopsTogether)));

    private static double Best(int repeats, Action work)
    {
        double best = double.MaxValue;
        for (int i = 0; i < repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static void Work(int loops)
    {
        float* sink = stackalloc float[32];
        new Span<float>(sink, 32).Fill(1f);
        for (int i = 0; i < loops; i++) Loop(Rounds, sink);
    }

    // Ten independent chains: two units times the longest latency (5) need no more, and AVX2's sixteen registers hold them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Loop(int rounds, float* sink)
    {
        V x = V.Load(sink), a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x;
        V y = V.Create(1e-7f);
        for (int n = rounds; n > 0; n--)
        {
            a = V.Fma(x, y, a);
            b = V.Fma(x, y, b);
            c = V.Fma(x, y, c);
            d = V.Fma(x, y, d);
            e = V.Fma(x, y, e);
            f = V.Fma(x, y, f);
            g = V.Fma(x, y, g);
            h = V.Fma(x, y, h);
            i = V.Fma(x, y, i);
            j = V.Fma(x, y, j);
        }

        V.Store((((a + b) + (c + d)) + ((e + f) + (g + h))) + (i + j), sink + 16);
    }
}
