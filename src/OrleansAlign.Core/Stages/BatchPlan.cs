using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Stages;

/// <summary>The rows of each optimizer step: a pure function of the seed, so that a resumed run takes the same rows as an uninterrupted one.</summary>
/// <param name="seed">Seed of the orders.</param>
/// <param name="rows">Number of rows.</param>
/// <param name="rowsPerStep">Rows per step.</param>
/// <param name="firstInOrder">Whether the first pass takes the rows in their order; later passes are always shuffled.</param>
public sealed class BatchPlan(ulong seed, int rows, int rowsPerStep, bool firstInOrder)
{
    private long cachedEpoch = -1;
    private int[] order = [];

    /// <summary>The rows of step <paramref name="step"/> (from 1). A batch may cross from one pass into the next.</summary>
    public int[] RowsOf(int step)
    {
        int[] chosen = new int[rowsPerStep];
        for (int i = 0; i < rowsPerStep; i++)
        {
            long position = ((long)(step - 1) * rowsPerStep) + i;
            chosen[i] = OrderOf(position / rows)[(int)(position % rows)];
        }

        return chosen;
    }

    private int[] OrderOf(long epoch)
    {
        if (epoch != cachedEpoch)
        {
            order = epoch == 0 && firstInOrder ? [.. Enumerable.Range(0, rows)] : CounterRandom.Permutation(CounterRandom.Derive(seed, (ulong)epoch), rows);
            cachedEpoch = epoch;
        }

        return order;
    }
}
