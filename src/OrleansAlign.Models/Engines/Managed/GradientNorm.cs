using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>The global norm of all gradients, in double, in a fixed order: per block of 16,384 values in sixteen lanes, then the blocks in order.</summary>
internal static unsafe class GradientNorm
{
    private const int Block = 16384;

    /// <summary>√ Σ g². Not finite if any gradient is not finite.</summary>
    public static double Of(float* gradients, long length, WorkerPool pool)
    {
        double[] sums = new double[(length + Block - 1) / Block];
        pool.Run(sums.Length, (task, _) => sums[task] = SumOfSquares(gradients + ((long)task * Block), (int)Math.Min(Block, length - ((long)task * Block))));
        double sum = 0;
        foreach (double part in sums) sum += part;
        return Math.Sqrt(sum);
    }

    // Lengths are multiples of 32; Vector512 is two or four registers where the processor has no wider ones, with the same sums.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double SumOfSquares(float* x, int count)
    {
        Vector512<double> a = Vector512<double>.Zero, b = a;
        for (int i = 0; i < count; i += 16)
        {
            (Vector512<double> low, Vector512<double> high) = Vector512.Widen(Vector512.Load(x + i));
            a += low * low;
            b += high * high;
        }

        Vector512<double> both = a + b;
        double sum = 0;
        for (int lane = 0; lane < 8; lane++) sum += both[lane];
        return sum;
    }
}
