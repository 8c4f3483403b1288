using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace OrleansAlign.TorchSharp;

/// <summary>Copies between arrays and tensors on any device, in pieces, so that neither side needs a second copy of the whole.</summary>
internal static class HostMemory
{
    private const long Piece = 1L << 26;

    /// <summary>Writes an array into a contiguous float32 tensor of as many elements.</summary>
    public static void Upload(float[] values, Tensor target)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = target.view(-1);
        for (long start = 0; start < values.Length; start += Piece)
        {
            long count = Math.Min(Piece, values.Length - start);
            flat.narrow(0, start, count).copy_(frombuffer(values, ScalarType.Float32, count, start));
        }
    }

    /// <summary>A tensor's values as float32, row-major.</summary>
    public static float[] Download(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = tensor.detach().reshape(-1);
        float[] values = new float[flat.numel()];
        for (long start = 0; start < values.Length; start += Piece)
        {
            using DisposeScope piece = NewDisposeScope();
            long count = Math.Min(Piece, values.Length - start);
            Tensor host = flat.narrow(0, start, count).to(ScalarType.Float32).cpu().contiguous();
            MemoryMarshal.Cast<byte, float>(host.bytes).CopyTo(values.AsSpan((int)start));
        }

        return values;
    }

    /// <summary>A small tensor of int64.</summary>
    public static long[] DownloadIntegers(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, long>(tensor.detach().reshape(-1).to(ScalarType.Int64).cpu().contiguous().bytes).ToArray();
    }

    /// <summary>Indices on a device.</summary>
    public static Tensor Indices(IReadOnlyList<int> values, Device device) =>
        tensor(values.Select(value => (long)value).ToArray(), dtype: ScalarType.Int64, device: device);
}
