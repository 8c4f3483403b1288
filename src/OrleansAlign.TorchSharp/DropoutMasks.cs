using OrleansAlign.Models.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>The managed engine's dropout masks, bit for bit, computed on the device: [N, C] of 0 and 1 / (1 − p).</summary>
/// <remarks>An element's 32 random bits are one half of <see cref="CounterRandom.Bits"/>(row's seed, element / 2), computed in wrapping int64.</remarks>
internal sealed class DropoutMasks(ulong seed, double probability, int[] sequences, int[] positions, int width, EngineSettings settings)
{
    private readonly double keep = (float)(1 / (1 - probability));
    private readonly long threshold = (uint)Math.Min(uint.MaxValue, probability * 4294967296.0);

    /// <summary>The mask of a branch: 0 is attention, 1 the MLP.</summary>
    public Tensor Of(int layer, int branch)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        ulong branchSeed = CounterRandom.Derive(seed, (ulong)((layer * 2) + branch));
        long[] rows = new long[positions.Length], columns = new long[(width + 1) / 2];
        for (int r = 0; r < rows.Length; r++)
        {
            rows[r] = (long)CounterRandom.SeedPart(CounterRandom.Derive(branchSeed, ((ulong)sequences[r] << 32) | (uint)positions[r]));
        }

        for (int c = 0; c < columns.Length; c++) columns[c] = (long)CounterRandom.CounterPart((ulong)c);
        Tensor bits = Column(rows).bitwise_xor(Column(columns).t());
        Fold(bits, 30).ScaleWrapping(unchecked((long)CounterRandom.FirstFactor));
        Fold(bits, 27).ScaleWrapping(unchecked((long)CounterRandom.SecondFactor));
        Fold(bits, 31);
        Tensor low = bits.bitwise_and(Constant(uint.MaxValue)), high = Shifted(bits, 32);
        Tensor draws = stack([low, high], -1).view(positions.Length, -1).narrow(1, 0, width);
        return scope.MoveToOuter(draws.IsAtLeast(threshold).to(settings.Type).Scale(keep));
    }

    private Tensor Column(long[] values) => tensor(values, [values.Length, 1], device: settings.Device);

    private Tensor Constant(long value) => tensor(value, device: settings.Device);

    // z ^= z >>> bits
    private Tensor Fold(Tensor z, int bits) => z.bitwise_xor_(Shifted(z, bits));

    // int64 shifts copy the sign bit; the mask clears the copies.
    private Tensor Shifted(Tensor z, int bits) => z.bitwise_right_shift(Constant(bits)).bitwise_and_(Constant((1L << (64 - bits)) - 1));
}
