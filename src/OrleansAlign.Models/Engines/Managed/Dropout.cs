using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>
/// Dropout (Srivastava et al., 2014) on the outputs of the attention and MLP branches: an element is zero with probability p, else divided by 1 − p.
/// </summary>
/// <remarks>The mask is a function of (seed, sequence, layer, branch, position, element), so that it does not depend on how a batch is split.</remarks>
/// <param name="seed">The batch's dropout seed.</param>
/// <param name="probability">p.</param>
/// <param name="sequences">Sequence of each row.</param>
/// <param name="positions">Position of each row in its sequence.</param>
internal sealed unsafe class Dropout(ulong seed, double probability, IReadOnlyList<int> sequences, IReadOnlyList<int> positions)
{
    private readonly float keep = (float)(1 / (1 - probability));
    private readonly uint threshold = (uint)Math.Min(uint.MaxValue, probability * 4294967296.0);

    /// <summary>Applies the mask to one row, of values or of gradients.</summary>
    /// <param name="x">The row.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="branch">0: attention, 1: MLP.</param>
    /// <param name="row">The row of the batch.</param>
    /// <param name="count">Elements.</param>
    public void Apply(float* x, int layer, int branch, int row, int count)
    {
        ulong rowSeed = CounterRandom.Derive(CounterRandom.Derive(seed, (ulong)((layer * 2) + branch)), ((ulong)sequences[row] << 32) | (uint)positions[row]);
        for (int i = 0; i < count; i++)
        {
            ulong bits = CounterRandom.Bits(rowSeed, (ulong)(i / 2));
            uint half = (i & 1) == 0 ? (uint)bits : (uint)(bits >> 32);
            x[i] = half < threshold ? 0f : x[i] * keep;
        }
    }
}
