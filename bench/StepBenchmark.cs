using BenchmarkDotNet.Attributes;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Bench;

/// <summary>
/// What does an optimizer step cost beside scoring the same batch? Without backward and update it would be 1; three products for one make about 3.
/// </summary>
[MemoryDiagnoser]
public class StepBenchmark : IDisposable
{
    private ManagedEngine engine = null!;
    private TokenSequence[] batch = [];

    [Params(64, 256)]
    public int Hidden { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ModelConfig config = EngineBenchmark.Demo with { HiddenSize = Hidden, IntermediateSize = 3 * Hidden, HeadSize = Hidden / 4 };
        engine = new ManagedEngine(ModelWeights.Initialize(config, 1));
        batch = [.. Enumerable.Range(0, 16).Select(s => new TokenSequence([.. Enumerable.Range(0, 100).Select(t => Token(s, t))], 20))];
    }

    [Benchmark(Baseline = true)]
    public float[] Score() => engine.LogProbs(batch)[0];

    [Benchmark]
    public double Step() => engine.Step(new TrainingBatch(batch), new Sum(), new StepOptions { LearningRate = 1e-6 }).Loss;

    [GlobalCleanup]
    public void Dispose()
    {
        engine?.Dispose();
        GC.SuppressFinalize(this);
    }

    private static int Token(int row, int place) => CounterRandom.Integer((ulong)row, (ulong)place, 256);

    private sealed class Sum : IObjective
    {
        public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
        {
            foreach (float[] gradient in gradients) Array.Fill(gradient, -1e-3f);
            return new ObjectiveValue(-logProbs.Sum(l => l.Sum()), new Dictionary<string, double>());
        }
    }
}
