using System.Diagnostics;
using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>One measured rate.</summary>
/// <param name="Name">The operation measured.</param>
/// <param name="Rate">The rate, in <paramref name="Unit"/>.</param>
/// <param name="Unit"><c>GFLOP/s</c> or <c>tokens/s</c>.</param>
/// <param name="ShareOfPeak">Floating-point operations per second over the multiply-add peak of the same number of threads; NaN where none are counted.</param>
public sealed record BenchmarkFigure(string Name, double Rate, string Unit, double ShareOfPeak);

/// <summary>The results of <see cref="EngineBenchmark.Run"/>.</summary>
/// <param name="VectorBits">Width of the vectors used.</param>
/// <param name="Threads">Threads used.</param>
/// <param name="PeakOneThread">Multiply-add peak of one thread in GFLOP/s, measured on registers.</param>
/// <param name="Peak">Multiply-add peak of all threads together, GFLOP/s.</param>
/// <param name="Figures">The rates.</param>
public sealed record BenchmarkReport(int VectorBits, int Threads, double PeakOneThread, double Peak, IReadOnlyList<BenchmarkFigure> Figures);

/// <summary>Measures the managed engine against this processor's own multiply-add peak, in one process, so that ratios compare between machines.</summary>
public static class EngineBenchmark
{
    /// <summary>A 12 M-parameter Llama (E = 384, 6 blocks, 6 heads, V = 4096): the size at which training should be near the processor's limit.</summary>
    public static ModelConfig Medium { get; } = Config(384, 1024, 6, 6, 6, 4096, 1024);

    /// <summary>A 0.2 M-parameter Llama as the demo trains: products are small and calls frequent.</summary>
    public static ModelConfig Demo { get; } = Config(64, 192, 4, 4, 4, 256, 512);

    /// <summary>Tokens that each stream draws.</summary>
    private const int SampledTokens = 96;

    /// <summary>Seconds of sampling that are measured.</summary>
    private const double WindowSeconds = 0.1;

    private static readonly int[] Streams = [1, 64];

    /// <summary>Runs all measurements; about a minute on two cores.</summary>
    /// <param name="threads">Threads to use; 0: one per processor.</param>
    /// <param name="sampled">The model whose sampling rate is measured; null: the demo-size model.</param>
    /// <param name="cancel">Stops between measurements.</param>
    public static BenchmarkReport Run(int threads = 0, ModelWeights? sampled = null, CancellationToken cancel = default) => ManagedEngine.VectorBits switch
    {
        512 => Run<Simd512>(threads, sampled, cancel),
        256 => Run<Simd256>(threads, sampled, cancel),
        _ => Run<Simd128>(threads, sampled, cancel),
    };

    /// <summary>Tokens per second of sampling, for each of several numbers of completions drawn at once.</summary>
    /// <remarks>
    /// The cases take turns in windows of equal time, so that other load on the machine affects them alike; each runs <paramref name="warmUp"/> seconds
    /// before it is measured, so that all run the just-in-time compiler's final code. A case's rate is the rate of its best window.
    /// </remarks>
    /// <param name="engine">The engine.</param>
    /// <param name="streams">Completions at once, by case.</param>
    /// <param name="tokens">Tokens that each stream draws.</param>
    /// <param name="warmUp">Seconds per case before measurement.</param>
    /// <param name="seconds">Seconds per case that are measured; at least one window.</param>
    /// <param name="cancel">Stops between windows.</param>
    public static IReadOnlyList<BenchmarkFigure> Sampling(
        ManagedEngine engine, IReadOnlyList<int> streams, int tokens, double warmUp, double seconds, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(streams);
        var options = new SamplingOptions { MaxNewTokens = tokens };
        SampleRequest[][] requests = [.. streams.Select(n => Enumerable.Range(0, n).Select(i => new SampleRequest([1], (ulong)i, options, [])).ToArray())];
        double[] best = new double[requests.Length], spent = new double[requests.Length];
        while (spent.Any(s => s < warmUp + seconds) || best.Any(rate => rate == 0))
        {
            for (int i = 0; i < requests.Length; i++)
            {
                cancel.ThrowIfCancellationRequested();
                (int drawn, double elapsed) = (0, 0);
                for (long start = Stopwatch.GetTimestamp(); elapsed < WindowSeconds; elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds)
                {
                    foreach (Sample sample in engine.Sample(requests[i], cancel)) drawn += sample.Tokens.Length;
                }

                if (spent[i] >= warmUp) best[i] = Math.Max(best[i], drawn / elapsed);
                spent[i] += elapsed;
            }
        }

        string size = $"{engine.Config.ParameterCount / 1e6:F1} M parameters";
        return [.. streams.Select((n, i) => new BenchmarkFigure($"sampling, {size}, {n} at once", best[i], "tokens/s", double.NaN))];
    }

    /// <summary>
    /// Tokens per second of optimizer steps, and their share of <paramref name="peak"/> (GFLOP/s), counting 6 N + 6 L H D T operations a token.
    /// </summary>
    public static BenchmarkFigure Training(ManagedEngine engine, string name, int sequences, int length, int repeats, double peak)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ModelConfig config = engine.Config;
        TokenSequence[] batch =
        [
            .. Enumerable.Range(0, sequences).Select(s => new TokenSequence(
                [.. Enumerable.Range(0, length + 1).Select(t => CounterRandom.Integer((ulong)s, (ulong)t, config.VocabularySize))], 1)),
        ];
        var objective = new MeanLogProb();
        double seconds = Best(repeats, () => engine.Step(new TrainingBatch(batch), objective, new StepOptions { LearningRate = 1e-6 }));
        double perToken = (6.0 * config.ParameterCount) + (6.0 * config.Layers * config.Heads * config.HeadSize * length);
        double tokens = sequences * length / seconds;
        return new BenchmarkFigure(name, tokens, "tokens/s", tokens * perToken / (peak * 1e9));
    }

    private static BenchmarkReport Run<V>(int threads, ModelWeights? sampled, CancellationToken cancel)
        where V : struct, ISimd<V>
    {
        using var pool = new WorkerPool(threads);
        double one = MultiplyAddPeak<V>.OneThread(30) / 1e9, all = MultiplyAddPeak<V>.Together(pool, 30) / 1e9;
        List<BenchmarkFigure> figures = [];
        foreach ((int m, int n, int k) in new[] { (1536, 1536, 1536), (96, 1024, 1024), (96, 768, 256), (2048, 192, 64), (6, 1024, 1024), (1, 1024, 1024) })
        {
            cancel.ThrowIfCancellationRequested();
            figures.Add(Product<V>(pool, m, n, k, pool.Threads == 1 ? one : all));
        }

        figures.Add(WeightGradient<V>(pool, 1152, 384, 4096, all));
        figures.Add(WeightGradient<V>(pool, 192, 64, 2048, all));
        using (var engine = new ManagedEngine(ModelWeights.Initialize(Medium, 1), threads))
        {
            cancel.ThrowIfCancellationRequested();
            figures.Add(Training(engine, "training step, 12 M parameters, 16 × 256", 16, 256, 4, all));
            figures.AddRange(Sampling(engine, Streams, SampledTokens, 0.5, 2, cancel));
        }

        using (var engine = new ManagedEngine(ModelWeights.Initialize(Demo, 1), threads))
        {
            cancel.ThrowIfCancellationRequested();
            figures.Add(Training(engine, "training step, 0.2 M parameters, 16 × 128", 16, 128, 30, all));
        }

        using (var engine = new ManagedEngine(sampled ?? ModelWeights.Initialize(Demo, 1), threads))
        {
            cancel.ThrowIfCancellationRequested();
            int tokens = Math.Min(SampledTokens, engine.Config.ContextLength - 1);
            figures.AddRange(Sampling(engine, Streams, tokens, 2, 2, cancel));
        }

        return new BenchmarkReport(ManagedEngine.VectorBits, pool.Threads, one, all, figures);
    }

    private static unsafe BenchmarkFigure Product<V>(WorkerPool pool, int m, int n, int k, double peak)
        where V : struct, ISimd<V>
    {
        using FloatBuffer a = Filled((long)m * k), b = Filled((long)n * k), c = Filled((long)m * n);
        double seconds = Best(30, () => Gemm<V>.Multiply(pool, m, n, k, a.Pointer, k, 1, Panels.Packed(b.Pointer, k), c.Pointer, n, false));
        double rate = 2.0 * m * n * k / seconds / 1e9;
        return new BenchmarkFigure($"product {m} × {n} × {k}", rate, "GFLOP/s", rate / peak);
    }

    private static unsafe BenchmarkFigure WeightGradient<V>(WorkerPool pool, int m, int n, int k, double peak)
        where V : struct, ISimd<V>
    {
        using FloatBuffer a = Filled((long)m * k), b = Filled((long)n * k), c = Filled((long)m * n);
        double seconds = Best(10, () => Gemm<V>.Multiply(pool, m, n, k, a.Pointer, 1, m, Panels.RowMajor(b.Pointer, n), c.Pointer, n, true));
        double rate = 2.0 * m * n * k / seconds / 1e9;
        return new BenchmarkFigure($"weight gradient {m} × {n} over {k} tokens", rate, "GFLOP/s", rate / peak);
    }

    private static unsafe FloatBuffer Filled(long length)
    {
        var buffer = new FloatBuffer(length);
        for (long i = 0; i < length; i++) buffer.Pointer[i] = (i % 13) * 0.125f;
        return buffer;
    }

    private static double Best(int repeats, Action action)
    {
        action();
        double best = double.MaxValue;
        for (int i = 0; i < repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static ModelConfig Config(int hidden, int intermediate, int layers, int heads, int keyValueHeads, int vocabulary, int context) => new()
    {
        Architecture = Architecture.Llama,
        HiddenSize = hidden,
        IntermediateSize = intermediate,
        Layers = layers,
        Heads = heads,
        KeyValueHeads = keyValueHeads,
        HeadSize = hidden / heads,
        VocabularySize = vocabulary,
        ContextLength = context,
        TiedEmbeddings = true,
    };

    // The simplest objective: minus the mean log-prob.
    private sealed class MeanLogProb : IObjective
    {
        public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
        {
            int count = logProbs.Sum(l => l.Length);
            double sum = 0;
            for (int i = 0; i < logProbs.Count; i++)
            {
                foreach (float value in logProbs[i]) sum += value;
                Array.Fill(gradients[i], -1f / count);
            }

            return new ObjectiveValue(-sum / count, new Dictionary<string, double>());
        }
    }
}
