using System.Runtime.CompilerServices;

namespace OrleansAlign.Models.Numerics;

/// <summary>The right operand of a product: column c of row k lies at Data + (c / 32)·PanelStride + k·RowStride + c mod 32.</summary>
/// <param name="Data">The first element.</param>
/// <param name="PanelStride">Floats from one panel of 32 columns to the next: rows · 32 if packed, 32 if row-major.</param>
/// <param name="RowStride">Floats from one row to the next: 32 if packed, the row length if row-major.</param>
internal readonly unsafe record struct Panels(nint Data, nint PanelStride, nint RowStride)
{
    public float* Pointer => (float*)Data;

    /// <summary>Panels of [columns / 32][rows][32].</summary>
    public static Panels Packed(float* data, int rows) => new((nint)data, (nint)rows * 32, 32);

    /// <summary>A row-major matrix as it lies.</summary>
    public static Panels RowMajor(float* data, nint rowStride) => new((nint)data, 32, rowStride);

    /// <summary>The same operand from row <paramref name="row"/> on.</summary>
    public Panels FromRow(nint row) => this with { Data = Data + (row * RowStride * sizeof(float)) };
}

/// <summary>C = (accumulate ? C : 0) + A·B in float32; every element is one chain of fused multiply-adds over ascending k, whatever the blocking.</summary>
/// <remarks>
/// Columns are a multiple of 16 (matrices are padded with zero columns), rows and k are any. Blocks of k continue the chain from C, so that
/// blocking, row count, threads and vector width do not change a bit.
/// </remarks>
internal static unsafe class Gemm<V>
    where V : struct, ISimd<V>
{
    /// <summary>Steps of k per pass: a panel pair of 64 columns (128 KiB) stays in the second-level cache while the rows pass by it.</summary>
    private const int StepBlock = 512;

    /// <summary>Rows per pass: with <see cref="StepBlock"/>, 192 KiB of A.</summary>
    private const int RowBlock = 96;

    private const int OverTokensColumns = 512;

    // With A transposed, a register tile touches one cache line a step; 128 of them and a panel pair of 32 KiB fit the first-level cache.
    private const int OverTokensSteps = 128;

    /// <summary>Below this many multiply-adds a product is not worth waking another thread for.</summary>
    private const long ParallelThreshold = 1 << 18;

    /// <summary>The product on this thread.</summary>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="n">Columns of B and C, a multiple of 16.</param>
    /// <param name="k">Columns of A, rows of B.</param>
    /// <param name="a">A[r, k] at a + r·rowStride + k·stepStride.</param>
    /// <param name="rowStride">Floats between rows of A.</param>
    /// <param name="stepStride">Floats between columns of A; 1 unless A is used transposed.</param>
    /// <param name="b">B, [k, n].</param>
    /// <param name="c">C, row-major.</param>
    /// <param name="cStride">Floats between rows of C.</param>
    /// <param name="accumulate">Whether the chains go on from what C holds.</param>
    /// <param name="stepBlock">Steps of k per pass.</param>
    public static void Multiply(
        int m, int n, int k, float* a, nint rowStride, nint stepStride, Panels b, float* c, nint cStride, bool accumulate, int stepBlock = StepBlock)
    {
        for (int i = 0; i < m; i += RowBlock)
        {
            int rows = Math.Min(RowBlock, m - i);
            for (int s = 0; s < k || s == 0; s += stepBlock)
            {
                int steps = Math.Min(stepBlock, k - s);
                float* left = a + (i * rowStride) + (s * stepStride);
                Block(rows, n, steps, left, rowStride, stepStride, b.FromRow(s), c + (i * cStride), cStride, accumulate || s > 0);
            }
        }
    }

    /// <summary>The product on all threads of <paramref name="pool"/> if it is large enough; the outputs are split, never the sums.</summary>
    public static void Multiply(
        WorkerPool? pool, int m, int n, int k, float* a, nint rowStride, nint stepStride, Panels b, float* c, nint cStride, bool accumulate)
    {
        if (pool is null || pool.Threads == 1 || (long)m * n * k < ParallelThreshold)
        {
            Multiply(m, n, k, a, rowStride, stepStride, b, c, cStride, accumulate);
            return;
        }

        Parallel(pool, m, n, k, a, rowStride, stepStride, b, c, cStride, accumulate);
    }

    /// <summary>
    /// C += Aᵀ·B over tokens, both stored as <see cref="TokenPanels"/>: one task is 96 rows by up to 512 columns of C, which stay in the cache.
    /// </summary>
    /// <param name="task">Which task, below <see cref="OverTokensTasks"/>.</param>
    /// <param name="m">Columns of A, rows of C.</param>
    /// <param name="n">Columns of B and C.</param>
    /// <param name="tokens">Length of the sums.</param>
    /// <param name="a">A in panels of <see cref="TokenPanels.Left"/>.</param>
    /// <param name="b">B in panels of <see cref="TokenPanels.Right"/>.</param>
    /// <param name="c">C, row-major.</param>
    /// <param name="cStride">Floats between rows of C.</param>
    public static void OverTokens(int task, int m, int n, int tokens, float* a, float* b, float* c, nint cStride)
    {
        int columnBlocks = (n + OverTokensColumns - 1) / OverTokensColumns;
        int i = task / columnBlocks * TokenPanels.Left, j = task % columnBlocks * OverTokensColumns;
        int rows = Math.Min(TokenPanels.Left, m - i), columns = Math.Min(OverTokensColumns, n - j);
        float* left = a + ((long)i * tokens);
        Panels right = Panels.Packed(b + ((long)j * tokens), tokens);
        Multiply(rows, columns, tokens, left, 1, rows, right, c + (i * cStride) + j, cStride, accumulate: true, OverTokensSteps);
    }

    /// <summary>Number of tasks of <see cref="OverTokens"/>.</summary>
    public static int OverTokensTasks(int m, int n) =>
        (m + TokenPanels.Left - 1) / TokenPanels.Left * ((n + OverTokensColumns - 1) / OverTokensColumns);

    private static void Parallel(
        WorkerPool pool, int m, int n, int k, float* a, nint rowStride, nint stepStride, Panels b, float* c, nint cStride, bool accumulate)
    {
        int rowBlock = m <= RowBlock ? m : RowBlock, rowBlocks = (m + rowBlock - 1) / rowBlock;

        // About four tasks a thread, so that a thread that was held up does not hold up the rest.
        int wanted = Math.Max(1, (4 * pool.Threads) / rowBlocks);
        int columnBlock = Math.Max(64, (((n + wanted - 1) / wanted) + 63) / 64 * 64), columnBlocks = (n + columnBlock - 1) / columnBlock;
        pool.Run(rowBlocks * columnBlocks, (task, _) =>
        {
            int i = task / columnBlocks * rowBlock, j = task % columnBlocks * columnBlock;
            Panels part = b with { Data = b.Data + ((j / 32) * b.PanelStride * sizeof(float)) };
            int rows = Math.Min(rowBlock, m - i), columns = Math.Min(columnBlock, n - j);
            Multiply(rows, columns, k, a + (i * rowStride), rowStride, stepStride, part, c + (i * cStride) + j, cStride, accumulate);
        });
    }

    /// <summary>One block without further blocking: C = (load ? C : 0) + A·B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Block(int rows, int n, int steps, float* a, nint rowStride, nint stepStride, Panels b, float* c, nint cStride, bool load)
    {
        float* panel = b.Pointer;
        int j = 0;
        bool packed = b.RowStride == 32;
        for (; j + 64 <= n; j += 64, panel += 2 * b.PanelStride)
        {
            float* next = packed && j + 128 <= n ? panel + (2 * b.PanelStride) : null;
            PanelPair(rows, steps, a, rowStride, stepStride, panel, panel + b.PanelStride, b.RowStride, c + j, cStride, load, next, next + b.PanelStride);
        }

        if (j + 32 <= n)
        {
            Panel(rows, steps, a, rowStride, stepStride, panel, b.RowStride, c + j, cStride, load);
            j += 32;
            panel += b.PanelStride;
        }

        if (j < n) HalfPanel(rows, steps, a, rowStride, stepStride, panel, b.RowStride, c + j, cStride, load);
    }

    /// <summary>64 columns from two panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PanelPair(
        int rows, int steps, float* a, nint rowStride, nint stepStride, float* b0, float* b1, nint bStride, float* c, nint cStride, bool load,
        float* next0 = null, float* next1 = null)
    {
        if (V.Count == 16)
        {
            GemmKernel<TileRow4<V>>.Rows(rows, steps, a, rowStride, stepStride, b0, b1, bStride, c, cStride, load, next0, next1);
        }
        else
        {
            Panel(rows, steps, a, rowStride, stepStride, b0, bStride, c, cStride, load);
            Panel(rows, steps, a, rowStride, stepStride, b1, bStride, c + 32, cStride, load);
        }
    }

    /// <summary>32 columns of one panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Panel(int rows, int steps, float* a, nint rowStride, nint stepStride, float* b, nint bStride, float* c, nint cStride, bool load)
    {
        if (V.Count == 16)
        {
            GemmKernel<TileRow2<V>>.Rows(rows, steps, a, rowStride, stepStride, b, b, bStride, c, cStride, load);
        }
        else
        {
            HalfPanel(rows, steps, a, rowStride, stepStride, b, bStride, c, cStride, load);
            HalfPanel(rows, steps, a, rowStride, stepStride, b + 16, bStride, c + 16, cStride, load);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void HalfPanel(int rows, int steps, float* a, nint rowStride, nint stepStride, float* b, nint bStride, float* c, nint cStride, bool load)
    {
        if (V.Count == 16) GemmKernel<TileRow1<V>>.Rows(rows, steps, a, rowStride, stepStride, b, b, bStride, c, cStride, load);
        else if (V.Count == 8) GemmKernel<TileRow2<V>>.Rows(rows, steps, a, rowStride, stepStride, b, b, bStride, c, cStride, load);
        else GemmKernel<TileRow4<V>>.Rows(rows, steps, a, rowStride, stepStride, b, b + 8, bStride, c, cStride, load);
    }
}
