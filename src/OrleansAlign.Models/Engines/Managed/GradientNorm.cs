using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>The global norm of all gradients, in double, in a fixed order: per block of 16,384 values in four interleaved sums, then the blocks in order.</summary>
internal static unsafe class GradientNorm
{
    private const int Block = 16384;

    /// <summary>√ Σ g². Not finite if any gradient is not.</summary>
    public static double Of(float* gradients, long length, WorkerPool pool)
    {
        double[] sums = new double[(length + Block - 1) / Block];
        pool.Run(sums.Length, (task, _) => sums[task] = SumOfSquares(gradients + ((long)task * Block), (int)Math.Min(Block, length - ((long)task * Block))));
        double sum = 0;
        foreach (double part in sums) sum += part;
        return Math.Sqrt(sum);
    }

    // Lengths are multiples of 32.
    private static double SumOfSquares(float* x, int count)
    {
        double a = 0, b = 0, c = 0, d = 0;
        for (int i = 0; i < count; i += 4)
        {
            a += (double)x[i] * x[i];
            b += (double)x[i + 1] * x[i + 1];
            c += (double)x[i + 2] * x[i + 2];
            d += (double)x[i + 3] * x[i + 3];
        }

        return (a + b) + (c + d);
    }
}
