using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Tests.Engines.Managed;

public unsafe class KeyValuePagesTests
{
    private static readonly ModelConfig Config = TinyModels.Llama;

    [Fact]
    public void A_page_is_free_again_when_its_last_user_returns_it()
    {
        using var pages = new KeyValuePages(Config, 2);
        int first = pages.Rent(), second = pages.Rent();
        Assert.NotEqual(first, second);
        pages.Share(first);
        pages.Return(first);
        Assert.Equal(2, pages.InUse);
        pages.Return(first);
        Assert.Equal(1, pages.InUse);
        Assert.Equal(first, pages.Rent());
    }

    [Fact]
    public void What_is_written_lies_transposed_for_keys_and_in_rows_for_values()
    {
        using var pages = new KeyValuePages(Config, 2);
        int page = pages.Rent(), copy = pages.Rent(), size = Config.HeadSize, heads = Config.KeyValueHeads;
        float[] keys = [.. Enumerable.Range(0, heads * size).Select(i => i + 1f)], values = [.. keys.Select(k => -k)];
        fixed (float* k = keys, v = values) pages.Write(page, 9, 1, k, v);
        pages.Copy(page, copy);
        for (int h = 0; h < heads; h++)
        {
            for (int d = 0; d < size; d++)
            {
                Assert.Equal(keys[(h * size) + d], pages.Keys(copy, 1, h)[(d * KeyValuePages.Tokens) + 9]);
                Assert.Equal(values[(h * size) + d], pages.Values(copy, 1, h)[(9 * size) + d]);
            }
        }
    }

    [Fact]
    public void Sampling_returns_every_page_whether_it_ends_or_is_cancelled()
    {
        using var pool = new WorkerPool(2);
        using var parameters = new Parameters(TinyModels.Weights(Config), pool);
        var shape = new Shape(Config);
        using var transformer = new Transformer<Simd256>(parameters, shape, pool);
        using var head = new VocabularyHead<Simd256>(parameters, shape, pool);
        using var sampler = new Sampler<Simd256>(parameters, shape, pool, transformer, head, new ManagedEngineOptions { MaxStreams = 5, PrefillTokens = 60 });
        SampleRequest[] requests =
        [
            .. Enumerable.Range(0, 24).Select(i => new SampleRequest(
                TinyModels.Tokens(Config, 20 + (i / 3 * 4), (ulong)(i / 6)), (ulong)i, new SamplingOptions { MaxNewTokens = 1 + (i * 11 % 70) }, [])),
        ];
        Assert.Equal(24, sampler.Sample(requests, default).Length);
        Assert.Equal(0, sampler.PagesInUse);
        foreach (int when in new[] { 1, 4, 30, 100 })
        {
            using var source = new CancellationTokenSource();
            var stop = new CancelOnUse(source, when);
            SampleRequest[] cancelled = [.. requests.Select(r => r with { StopTokens = stop })];
            Assert.Throws<OperationCanceledException>(() => sampler.Sample(cancelled, source.Token));
            Assert.Equal(0, sampler.PagesInUse);
        }
    }

    // The engine reads the stop tokens after every draw: this list cancels when it is read for the n-th time.
    private sealed class CancelOnUse(CancellationTokenSource source, int when) : IReadOnlyList<int>
    {
        private int uses;

        public int Count => 0;

        public int this[int index] => throw new InvalidOperationException("the list is empty");

        public IEnumerator<int> GetEnumerator()
        {
            if (Interlocked.Increment(ref uses) == when) source.Cancel();
            return Enumerable.Empty<int>().GetEnumerator();
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
