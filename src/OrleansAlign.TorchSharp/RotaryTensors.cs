using OrleansAlign.Models.Engines.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>The managed engine's sines and cosines on a device, and the rotation with them.</summary>
internal sealed class RotaryTensors(ParameterSet parameters) : IDisposable
{
    private readonly RopeTable table = new(parameters.Config);
    private Tensor? cosines;
    private Tensor? sines;

    /// <summary>Cosines and sines of each row, [N, 1, D / 2].</summary>
    /// <param name="positions">[N], int64.</param>
    /// <param name="end">One more than the largest position.</param>
    public (Tensor Cosines, Tensor Sines) At(Tensor positions, int end)
    {
        if (cosines is null || cosines.shape[0] < end)
        {
            Dispose();
            table.Ensure(end);
            long count = table.Cosines.Length / table.Half;
            cosines = Upload(table.Cosines, count);
            sines = Upload(table.Sines, count);
        }

        return (cosines.index_select(0, positions).unsqueeze_(1), sines!.index_select(0, positions).unsqueeze_(1));
    }

    /// <summary>Rotates each head of [N, heads, D]: element i with i + D / 2.</summary>
    public static Tensor Rotate(Tensor x, Tensor cosines, Tensor sines)
    {
        long half = x.shape[^1] / 2;
        Tensor a = x.narrow(-1, 0, half), b = x.narrow(-1, half, half);
        return cat([a.mul(cosines).sub(b.mul(sines)), b.mul(cosines).Plus(a.mul(sines))], -1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cosines?.Dispose();
        sines?.Dispose();
        cosines = sines = null;
    }

    private Tensor Upload(float[] values, long count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor target = empty([count, table.Half], ScalarType.Float32, parameters.Device);
        HostMemory.Upload(values, target);
        return target.to(parameters.Type).DetachFromDisposeScope();
    }
}
