using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>Draws a token from logits: temperature, top-k, top-p, min-p, then one uniform number. Equal probabilities are ordered by id.</summary>
/// <remarks>
/// Probabilities are relative to the greatest, which is 1. The whole vocabulary is never sorted: the most probable tokens are collected above
/// a threshold that falls until they suffice. Cumulative sums are in double, in id order (the draw) or rank order (top-p).
/// </remarks>
internal sealed unsafe class TokenChooser<V>
    where V : struct, ISimd<V>
{
    private const int BlockIds = 64;

    private float[] candidates = [];
    private int[] ids = [];

    /// <summary>Draws a token.</summary>
    /// <param name="logits">Raw logits, readable up to a multiple of 16.</param>
    /// <param name="count">Size of the vocabulary.</param>
    /// <param name="weights">Scratch of the same size.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="uniform">A number in [0, 1).</param>
    public int Choose(float* logits, int count, float* weights, SamplingOptions options, double uniform)
    {
        float max = LaneReduction<V>.Max(logits, count);
        if (options.Temperature == 0) return FirstAtLeast(logits, count, max);
        LaneReduction<V>.ExpScaled(logits, count, max, (float)Math.Min(1 / options.Temperature, float.MaxValue), weights);
        bool ranked = (options.TopK > 0 && options.TopK < count) || options.TopP < 1;
        if (!ranked) return Draw(weights, count, (float)options.MinP, uniform);

        int kept = Rank(weights, count, options);
        if (options.MinP > 0)
        {
            while (kept > 1 && candidates[kept - 1] < (float)options.MinP) kept--;
        }

        Array.Sort(ids, candidates, 0, kept);
        double mass = 0;
        for (int i = 0; i < kept; i++) mass += candidates[i];
        double goal = uniform * mass, sum = 0;
        for (int i = 0; i < kept - 1; i++)
        {
            sum += candidates[i];
            if (sum > goal) return ids[i];
        }

        return ids[kept - 1];
    }

    private static int FirstAtLeast(float* logits, int count, float max)
    {
        for (int i = 0; i < count; i++)
        {
            if (logits[i] >= max) return i;
        }

        return 0;
    }

    // Sums of 64 ids in lanes find the block, a walk finds the token in it.
    private static int Draw(float* weights, int count, float least, double uniform)
    {
        if (least > 0) LaneReduction<V>.ZeroBelow(weights, count, least);
        double mass = 0;
        for (int i = 0; i < count; i += BlockIds) mass += LaneReduction<V>.Sum(weights + i, Math.Min(BlockIds, count - i));
        double goal = uniform * mass, sum = 0;
        int last = 0;
        for (int i = 0; i < count; i += BlockIds)
        {
            int end = Math.Min(count, i + BlockIds);
            float block = LaneReduction<V>.Sum(weights + i, end - i);
            if (block == 0) continue;
            if (sum + block <= goal && end < count)
            {
                sum += block;
                last = LastPositive(weights, i, end);
                continue;
            }

            for (int v = i; v < end; v++)
            {
                if (weights[v] == 0) continue;
                sum += weights[v];
                last = v;
                if (sum > goal) return v;
            }
        }

        return last;
    }

    private static int LastPositive(float* weights, int start, int end)
    {
        int i = end - 1;
        while (i > start && weights[i] == 0) i--;
        return i;
    }

    // Fills candidates and ids with the tokens that top-k and top-p keep, most probable first; returns how many.
    private int Rank(float* weights, int count, SamplingOptions options)
    {
        if (candidates.Length < count)
        {
            candidates = new float[count];
            ids = new int[count];
        }

        int limit = options.TopK > 0 ? Math.Min(options.TopK, count) : count;
        double total = 0;
        if (limit == count)
        {
            for (int i = 0; i < count; i++) total += weights[i];
        }

        for (float threshold = 1f / 64f; ; threshold = threshold > 1e-30f ? threshold / 256f : 0f)
        {
            int found = Collect(weights, count, threshold);
            bool all = threshold == 0f;
            if (limit < count && found < limit && !all) continue;
            SortByRank(found);
            int kept = Math.Min(found, limit);
            double mass = total;
            if (limit < count)
            {
                mass = 0;
                for (int i = 0; i < kept; i++) mass += candidates[i];
            }

            if (options.TopP >= 1) return kept;
            double goal = options.TopP * mass, sum = 0;
            for (int i = 0; i < kept; i++)
            {
                sum += candidates[i];
                if (sum >= goal) return i + 1;
            }

            if (all || kept == limit) return kept;
        }
    }

    private int Collect(float* weights, int count, float threshold)
    {
        int found = 0;
        for (int i = 0; i < count; i++)
        {
            if (!(weights[i] >= threshold)) continue;
            candidates[found] = weights[i];
            ids[found++] = i;
        }

        return found;
    }

    // Descending by weight, ascending by id: both form one 64-bit key, which is sorted as a number.
    private void SortByRank(int found)
    {
        long[] keys = new long[found];
        for (int i = 0; i < found; i++) keys[i] = ((long)~BitConverter.SingleToInt32Bits(candidates[i]) << 32) | (uint)ids[i];
        Array.Sort(keys);
        for (int i = 0; i < found; i++)
        {
            ids[i] = (int)(keys[i] & 0xFFFFFFFF);
            candidates[i] = BitConverter.Int32BitsToSingle(~(int)(keys[i] >> 32));
        }
    }
}
