using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Tests.Engines.Managed;

public unsafe class DecodeKernelTests
{
    // Sizes that take every tile: pairs of rows and single ones, whole blocks of 64 keys and parts, columns in fours, eights, sixteens and more.
    [Theory]
    [InlineData(4, 2, 8)]
    [InlineData(3, 1, 16)]
    [InlineData(2, 3, 20)]
    [InlineData(1, 8, 32)]
    [InlineData(5, 1, 6)]
    [InlineData(2, 4, 64)]
    [InlineData(1, 2, 108)]
    public void Every_width_gives_the_bits_of_plain_chains(int heads, int group, int size)
    {
        foreach (int keys in new[] { 1, 7, 16, 17, 32, 33, 48, 49, 64, 65, 81, 100, 113, 128, 161 })
        {
            using var model = new Case(heads, group, size, keys);
            float[] expected = model.Plain();
            Assert.Contains(expected, x => x != 0);
            Assert.Equal(expected, model.Kernel<Simd512>());
            Assert.Equal(expected, model.Kernel<Simd256>());
            Assert.Equal(expected, model.Kernel<Simd128>());
        }
    }

    private sealed class Case : IDisposable
    {
        private const int Tokens = KeyValuePages.Tokens;

        private readonly int heads, group, size, keys, pages;
        private readonly FloatBuffer q, cache;

        public Case(int heads, int group, int size, int keys)
        {
            (this.heads, this.group, this.size, this.keys) = (heads, group, size, keys);
            pages = KeyValuePages.PagesFor(keys);
            q = new FloatBuffer(heads * group * size);
            cache = new FloatBuffer((long)pages * PageFloats + 16);
            for (int i = 0; i < heads * group * size; i++) q.Pointer[i] = (float)CounterRandom.Normal(1, (ulong)i);

            // Slots that were never written may hold any value.
            for (int i = 0; i < pages * PageFloats; i++) cache.Pointer[i] = float.NaN;
            for (int h = 0; h < heads; h++)
            {
                for (int t = 0; t < keys; t++)
                {
                    for (int d = 0; d < size; d++)
                    {
                        *Key(h, t, d) = (float)CounterRandom.Normal(2, (ulong)((((h * 1000) + t) * 1000) + d));
                        *Value(h, t, d) = (float)CounterRandom.Normal(3, (ulong)((((h * 1000) + t) * 1000) + d));
                    }
                }
            }
        }

        private int PageFloats => heads * 2 * Tokens * size;

        public float[] Kernel<V>()
            where V : struct, ISimd<V>
        {
            int rows = heads * group, stride = (size + 3) / 4 * 4, headStride = 2 * Tokens * size;
            using FloatBuffer scores = new(DecodeKernel<V>.ScoreFloats(rows, keys)), inverse = new(rows), output = new(rows * stride);
            float** addresses = stackalloc float*[pages];
            for (int p = 0; p < pages; p++) addresses[p] = cache.Pointer + (p * PageFloats);
            DecodeKernel<V>.Scores(heads, group, size, q.Pointer, addresses, headStride, keys, scores.Pointer);
            DecodeKernel<V>.Softmax(rows, keys, scores.Pointer, inverse.Pointer);
            for (int p = 0; p < pages; p++) addresses[p] += Tokens * size;
            DecodeKernel<V>.Values(rows, group, size, addresses, headStride, keys, scores.Pointer, inverse.Pointer, output.Pointer, stride);
            float[] result = new float[rows * size];
            for (int i = 0; i < result.Length; i++) result[i] = output.Pointer[(i / size * stride) + (i % size)];
            return result;
        }

        public float[] Plain()
        {
            float[] result = new float[heads * group * size], p = new float[keys], sums = new float[16];
            for (int r = 0; r < heads * group; r++)
            {
                for (int t = 0; t < keys; t++)
                {
                    p[t] = 0;
                    for (int d = 0; d < size; d++) p[t] = MathF.FusedMultiplyAdd(q.Pointer[(r * size) + d], *Key(r / group, t, d), p[t]);
                }

                float max = p.Max();
                Array.Clear(sums);
                for (int t = 0; t < keys; t++) sums[t % 16] += p[t] = Exp(p[t] - max);
                for (int half = 8; half > 0; half /= 2)
                {
                    for (int l = 0; l < half; l++) sums[l] += sums[l + half];
                }

                for (int d = 0; d < size; d++)
                {
                    float sum = 0;
                    for (int t = 0; t < keys; t++) sum = MathF.FusedMultiplyAdd(p[t], *Value(r / group, t, d), sum);
                    result[(r * size) + d] = sum * (1f / sums[0]);
                }
            }

            return result;
        }

        public void Dispose()
        {
            q.Dispose();
            cache.Dispose();
        }

        private static float Exp(float x)
        {
            float* lanes = stackalloc float[4];
            Simd128.Store(VectorMath<Simd128>.ExpOfNegative(Simd128.Create(x)), lanes);
            return lanes[0];
        }

        private float* Key(int head, int token, int d) =>
            cache.Pointer + (token / Tokens * PageFloats) + (head * 2 * Tokens * size) + (d * Tokens) + (token % Tokens);

        private float* Value(int head, int token, int d) =>
            cache.Pointer + (token / Tokens * PageFloats) + (head * 2 * Tokens * size) + (Tokens * size) + (token % Tokens * size) + d;
    }
}
