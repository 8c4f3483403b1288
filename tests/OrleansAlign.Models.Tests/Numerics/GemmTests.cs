using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Tests.Numerics;

public unsafe class GemmTests
{
    // (m, n, k): n a multiple of 16, m and k anything; every row remainder, panel remainder and block boundary occurs.
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 16, 1 }, { 1, 32, 1 }, { 2, 48, 3 }, { 3, 64, 5 }, { 4, 80, 17 }, { 5, 96, 64 }, { 6, 112, 7 }, { 7, 16, 33 }, { 11, 32, 513 },
        { 12, 64, 512 }, { 13, 128, 511 }, { 95, 64, 2 }, { 96, 96, 31 }, { 97, 160, 40 }, { 193, 32, 1030 }, { 50, 192, 100 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_product_is_that_of_double_loops(int m, int n, int k)
    {
        Check<Simd512>(m, n, k, accumulate: false);
        Check<Simd256>(m, n, k, accumulate: true);
        Check<Simd128>(m, n, k, accumulate: true);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Width_blocking_packing_and_row_count_do_not_change_a_bit(int m, int n, int k)
    {
        float[] expected = Product<Simd512>(m, n, k, true);
        Assert.Equal(expected, Product<Simd256>(m, n, k, true));
        Assert.Equal(expected, Product<Simd128>(m, n, k, true));
        Assert.Equal(expected, Product<Simd512>(m, n, k, true, stepBlock: 7));
        Assert.Equal(expected, Product<Simd512>(m, n, k, true, packed: false));
        for (int r = 0; r < m; r += 5) Assert.Equal(expected[(r * n)..((r + 1) * n)], Product<Simd512>(1, n, k, true, firstRow: r));
    }

    [Fact]
    public void Each_element_is_one_chain_of_fused_multiply_adds_in_ascending_k()
    {
        const int m = 5, n = 32, k = 70;
        float[] a = Values(m * k, 1), b = Values(k * n, 2), c = Product<Simd512>(m, n, k, false);
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float chain = 0;
                for (int s = 0; s < k; s++) chain = MathF.FusedMultiplyAdd(a[(i * k) + s], b[(s * n) + j], chain);
                Assert.Equal(chain, c[(i * n) + j]);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Threads_do_not_change_a_bit(int threads)
    {
        const int m = 150, n = 320, k = 300;
        using var pool = new WorkerPool(threads);
        float[] a = Values(m * k, 1), b = Values(k * n, 2), c = new float[m * n];
        fixed (float* pa = a, pb = b, pc = c) Gemm<Simd512>.Multiply(pool, m, n, k, pa, k, 1, Panels.RowMajor(pb, n), pc, n, false);
        Assert.Equal(Product<Simd512>(m, n, k, false), c);
    }

    [Theory]
    [InlineData(32, 32, 1)]
    [InlineData(96, 64, 127)]
    [InlineData(128, 544, 129)]
    [InlineData(224, 96, 300)]
    public void A_sum_over_tokens_from_panels_is_the_transposed_product(int m, int n, int tokens)
    {
        float[] a = Values(tokens * m, 3), b = Values(tokens * n, 4), c = Values(m * n, 5), expected = [.. c];
        float[] left = new float[a.Length], right = new float[b.Length];
        for (int t = 0; t < tokens; t++)
        {
            for (int i = 0; i < m; i++)
            {
                for (int j = 0; j < n; j++) expected[(i * n) + j] = MathF.FusedMultiplyAdd(a[(t * m) + i], b[(t * n) + j], expected[(i * n) + j]);
            }
        }

        fixed (float* pa = a, pb = b, pl = left, pr = right, pc = c)
        {
            // In two uneven parts, as row blocks arrive.
            int part = tokens / 3;
            TokenPanels.Store(pa, m, part, m, TokenPanels.Left, pl, tokens, 0);
            TokenPanels.Store(pa + (part * m), m, tokens - part, m, TokenPanels.Left, pl, tokens, part);
            TokenPanels.Store(pb, n, tokens, n, TokenPanels.Right, pr, tokens, 0);
            for (int task = 0; task < Gemm<Simd512>.OverTokensTasks(m, n); task++) Gemm<Simd512>.OverTokens(task, m, n, tokens, pl, pr, pc, n);
        }

        Assert.Equal(expected, c);
    }

    private static void Check<V>(int m, int n, int k, bool accumulate)
        where V : struct, ISimd<V>
    {
        float[] a = Values(m * k, 1), b = Values(k * n, 2), start = Values(m * n, 5), c = Product<V>(m, n, k, accumulate);
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = accumulate ? start[(i * n) + j] : 0, size = Math.Abs(sum);
                for (int s = 0; s < k; s++)
                {
                    double term = (double)a[(i * k) + s] * b[(s * n) + j];
                    sum += term;
                    size += Math.Abs(term);
                }

                Assert.True(Math.Abs(sum - c[(i * n) + j]) <= 1e-7 * (k + 2) * size, $"[{i}, {j}] is {c[(i * n) + j]}, not {sum}");
            }
        }
    }

    private static float[] Product<V>(int m, int n, int k, bool accumulate, int stepBlock = 512, bool packed = true, int firstRow = 0)
        where V : struct, ISimd<V>
    {
        float[] a = Values((m + firstRow) * k, 1), b = Values(k * n, 2), panels = new float[k * ((n + 31) / 32 * 32)];
        float[] c = Values((m + firstRow) * n, 5)[(firstRow * n)..];
        for (int s = 0; s < k; s++)
        {
            for (int j = 0; j < n; j++) panels[(j / 32 * k * 32) + (s * 32) + (j % 32)] = b[(s * n) + j];
        }

        fixed (float* pa = &a[firstRow * k], pb = b, pp = panels, pc = c)
        {
            Gemm<V>.Multiply(m, n, k, pa, k, 1, packed ? Panels.Packed(pp, k) : Panels.RowMajor(pb, n), pc, n, accumulate, stepBlock);
        }

        return c;
    }

    private static float[] Values(int count, ulong seed)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float)CounterRandom.Normal(seed, (ulong)i);
        return values;
    }
}
