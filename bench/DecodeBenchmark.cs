using BenchmarkDotNet.Attributes;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;

namespace OrleansAlign.Bench;

/// <summary>What do continuous batching and the shared prompt save? The baseline draws the same candidates one call at a time.</summary>
[MemoryDiagnoser]
public class DecodeBenchmark : IDisposable
{
    private ManagedEngine engine = null!;
    private SampleRequest[] requests = [];

    [Params(8, 64)]
    public int Candidates { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        engine = new ManagedEngine(ModelWeights.Initialize(EngineBenchmark.Demo with { HiddenSize = 256, IntermediateSize = 768, HeadSize = 64 }, 1));
        int[] prompt = [.. Enumerable.Range(0, 64)];
        requests = [.. Enumerable.Range(0, Candidates).Select(i => new SampleRequest(prompt, (ulong)i, new SamplingOptions { MaxNewTokens = 48 }, []))];
    }

    [Benchmark(Baseline = true)]
    public int OneByOne() => requests.Sum(r => engine.Sample([r])[0].Tokens.Length);

    [Benchmark]
    public int Together() => engine.Sample(requests).Sum(s => s.Tokens.Length);

    [GlobalCleanup]
    public void Dispose()
    {
        engine?.Dispose();
        GC.SuppressFinalize(this);
    }
}
