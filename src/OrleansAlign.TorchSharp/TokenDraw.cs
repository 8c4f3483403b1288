using OrleansAlign.Models.Engines;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>Draws a token per row on the device, by the managed engine's rules: temperature, top-k, top-p, min-p, then one uniform number.</summary>
/// <remarks>
/// Weights are relative to the greatest, which is 1. Top-k and top-p keep all tokens above the weight of the last kept token and, among tokens of that
/// weight, the lowest ids; the draw walks the kept ids in ascending order with sums in double.
/// </remarks>
internal static class TokenDraw
{
    private const int FirstSorted = 1024;

    /// <summary>Draws [n] token ids.</summary>
    /// <param name="logits">[n, V], float32.</param>
    /// <param name="options">How to draw, the same for all rows.</param>
    /// <param name="uniforms">[n], float64, in [0, 1).</param>
    public static Tensor Choose(Tensor logits, SamplingOptions options, Tensor uniforms)
    {
        using DisposeScope scope = NewDisposeScope();
        long vocabulary = logits.shape[1];
        Tensor max = logits.amax([1], true);
        if (options.Temperature == 0)
        {
            Tensor ids = ScalarMath.Range(vocabulary, logits.device);
            return scope.MoveToOuter(ids.expand(logits.shape).Masked(logits.lt(max), vocabulary - 1).amin([1]));
        }

        Tensor weights = logits.sub(max).Scale((float)Math.Min(1 / options.Temperature, float.MaxValue)).exp_();
        if (options.TopK > 0 && options.TopK < vocabulary)
        {
            (Tensor best, _) = weights.topk(options.TopK);
            weights = Keep(weights, best.narrow(1, options.TopK - 1, 1), options.TopK);
        }

        if (options.TopP < 1) weights = Nucleus(weights, options.TopP, options.TopK > 0 ? Math.Min(options.TopK, (int)vocabulary) : (int)vocabulary);
        if (options.MinP > 0) weights = weights.Mask(weights.IsBelow((float)options.MinP), 0);

        Tensor sums = weights.cumsum(1, ScalarType.Float64), mass = sums.narrow(1, vocabulary - 1, 1);
        Tensor drawn = sums.le(mass.mul(uniforms.unsqueeze(1))).sum(1), last = sums.lt(mass).sum(1);
        return scope.MoveToOuter(drawn.minimum(last).Limit(vocabulary - 1));
    }

    // The smallest set of the greatest weights whose mass reaches p; at most `limit` weights are above 0.
    private static Tensor Nucleus(Tensor weights, double p, int limit)
    {
        Tensor goal = weights.sum(1, true, ScalarType.Float64).Scale(p);
        for (int count = Math.Min(limit, FirstSorted); ; count = limit)
        {
            (Tensor sorted, _) = weights.topk(count);
            Tensor sums = sorted.cumsum(1, ScalarType.Float64);
            if (count < limit && !sums.narrow(1, count - 1, 1).ge(goal).all().cpu().item<bool>()) continue;
            Tensor needed = sums.lt(goal).sum(1, true).Limit(count - 1);
            return Keep(weights, sorted.gather(1, needed), needed.PlusOne());
        }
    }

    // Zero except where a weight is above the least kept weight, or equals it and is among the first that fill up the count.
    private static Tensor Keep(Tensor weights, Tensor least, Tensor count)
    {
        Tensor above = weights.gt(least), equal = weights.eq(least);
        Tensor rank = equal.cumsum(1, ScalarType.Int32), room = count.sub(above.sum(1, true));
        return weights.mul(above.logical_or(equal.logical_and(rank.le(room))));
    }

    private static Tensor Keep(Tensor weights, Tensor least, int count) => Keep(weights, least, tensor((long)count, device: weights.device));
}
