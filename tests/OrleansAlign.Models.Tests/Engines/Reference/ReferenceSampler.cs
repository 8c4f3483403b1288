using OrleansAlign.Models.Engines;

namespace OrleansAlign.Models.Tests.Engines.Reference;

/// <summary>Draws a token from logits as <see cref="SamplingOptions"/> says, in double precision.</summary>
/// <remarks>Where the options leave a choice: among equals the lower id ranks first, and the draw walks the kept ids in ascending order.</remarks>
internal static class ReferenceSampler
{
    /// <summary>The probability of every id after temperature, top-k, top-p and min-p; 0 for those that were cut.</summary>
    public static double[] Distribution(double[] logits, SamplingOptions options)
    {
        if (options.Temperature == 0)
        {
            double[] greedy = new double[logits.Length];
            greedy[Array.IndexOf(logits, logits.Max())] = 1;
            return greedy;
        }

        double[] p = Tape.Softmax([.. logits.Select(l => l / options.Temperature)]);
        int[] ranked = [.. Enumerable.Range(0, p.Length).OrderByDescending(id => p[id]).ThenBy(id => id)];
        int kept = options.TopK > 0 ? Math.Min(options.TopK, p.Length) : p.Length;
        if (options.TopP < 1)
        {
            double mass = ranked.Take(kept).Sum(id => p[id]), sum = 0;
            int needed = 0;
            while (needed < kept && sum < options.TopP * mass) sum += p[ranked[needed++]];
            kept = Math.Max(1, needed);
        }

        double threshold = options.MinP * p[ranked[0]];
        HashSet<int> ids = [.. ranked.Take(kept).Where(id => p[id] >= threshold)];
        double total = ids.Sum(id => p[id]);
        return [.. p.Select((x, id) => ids.Contains(id) ? x / total : 0)];
    }

    /// <summary>The first id at which the running sum of probabilities exceeds <paramref name="uniform"/>.</summary>
    public static int Draw(double[] distribution, double uniform)
    {
        double sum = 0;
        int last = 0;
        for (int id = 0; id < distribution.Length; id++)
        {
            if (distribution[id] == 0) continue;
            sum += distribution[id];
            last = id;
            if (sum > uniform) return id;
        }

        return last;
    }
}
