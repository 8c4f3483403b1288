using BenchmarkDotNet.Attributes;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Bench;

/// <summary>What does sharing the instructions' computation save a judge whose prompts differ only at their end? The baseline scores them one by one.</summary>
public class ScoringBenchmark : IDisposable
{
    private ManagedEngine engine = null!;
    private int[][] prompts = [];

    [Params(32, 256)]
    public int SharedTokens { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        engine = new ManagedEngine(ModelWeights.Initialize(EngineBenchmark.Demo with { HiddenSize = 256, IntermediateSize = 768, HeadSize = 64 }, 1));
        int[] head = [.. Enumerable.Range(0, SharedTokens).Select(t => t % 256)];
        prompts = [.. Enumerable.Range(0, 32).Select(i => (int[])[.. head, .. Enumerable.Range(0, 64).Select(t => Token(i, t))])];
    }

    [Benchmark(Baseline = true)]
    public float OneByOne() => prompts.Sum(p => engine.ChoiceLogits([p], [1, 2])[0].LogPartition);

    [Benchmark]
    public float Together() => engine.ChoiceLogits(prompts, [1, 2]).Sum(c => c.LogPartition);

    [GlobalCleanup]
    public void Dispose()
    {
        engine?.Dispose();
        GC.SuppressFinalize(this);
    }

    private static int Token(int row, int place) => CounterRandom.Integer((ulong)row, (ulong)place, 256);
}
