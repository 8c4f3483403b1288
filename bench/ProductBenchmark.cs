using BenchmarkDotNet.Attributes;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Bench;

/// <summary>How much faster is the packed product than three loops? One thread.</summary>
public unsafe class ProductBenchmark : IDisposable
{
    private readonly FloatBuffer a = new(), b = new(), panels = new(), c = new();

    [Params(64, 256, 1024)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        a.Ensure(96L * Size);
        b.Ensure((long)Size * Size);
        panels.Ensure((long)Size * Size);
        c.Ensure(96L * Size);
        for (int i = 0; i < 96 * Size; i++) a.Pointer[i] = i % 13 * 0.125f;
        for (int i = 0; i < Size * Size; i++) b.Pointer[i] = panels.Pointer[i] = i % 7 * 0.25f;
    }

    [Benchmark(Baseline = true)]
    public void Naive()
    {
        for (int i = 0; i < 96; i++)
        {
            for (int j = 0; j < Size; j++)
            {
                float sum = 0;
                for (int k = 0; k < Size; k++) sum += a.Pointer[(i * Size) + k] * b.Pointer[(j * Size) + k];
                c.Pointer[(i * Size) + j] = sum;
            }
        }
    }

    [Benchmark]
    public void Packed()
    {
        if (System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated) Run<Simd512>();
        else if (System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated) Run<Simd256>();
        else Run<Simd128>();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        foreach (FloatBuffer buffer in new[] { a, b, panels, c }) buffer.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Run<V>()
        where V : struct, ISimd<V> =>
        Gemm<V>.Multiply(96, Size, Size, a.Pointer, Size, 1, Panels.Packed(panels.Pointer, Size), c.Pointer, Size, false);
}
