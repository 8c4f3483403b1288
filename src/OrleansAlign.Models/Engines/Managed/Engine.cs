using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines.Shared;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Models.Engines.Managed;

/// <summary>The managed engine for one vector width.</summary>
internal sealed unsafe class Engine<V> : IPolicyEngine
    where V : struct, ISimd<V>
{
    private readonly WorkerPool pool;
    private readonly Parameters parameters;
    private readonly Shape shape;
    private readonly Transformer<V> transformer;
    private readonly VocabularyHead<V> head;
    private readonly Sampler<V> sampler;
    private readonly KeyValuePages pages;
    private readonly Trainer<V> trainer;
    private readonly ManagedEngineOptions options;
    private readonly RowBatch batch = new();

    public Engine(ModelWeights weights, int threads, ManagedEngineOptions options)
    {
        this.options = options;
        pool = new WorkerPool(threads);
        parameters = new Parameters(weights, pool);
        shape = new Shape(weights.Config);
        transformer = new Transformer<V>(parameters, shape, pool);
        head = new VocabularyHead<V>(parameters, shape, pool);
        pages = new KeyValuePages(weights.Config, 1);
        sampler = new Sampler<V>(parameters, shape, pool, transformer, head, options);
        trainer = new Trainer<V>(parameters, shape, pool, transformer, head, pages, options);
    }

    /// <inheritdoc/>
    public ModelConfig Config => parameters.Config;

    /// <inheritdoc/>
    public IReadOnlyList<Sample> Sample(IReadOnlyList<SampleRequest> requests, CancellationToken cancel = default)
    {
        RequestChecks.Requests(requests, Config);
        return sampler.Sample(requests, cancel);
    }

    /// <inheritdoc/>
    public IReadOnlyList<float[]> LogProbs(IReadOnlyList<TokenSequence> sequences, CancellationToken cancel = default)
    {
        RequestChecks.Sequences(sequences, Config);
        float[][] results = [.. sequences.Select(s => new float[s.CompletionLength])];
        IEnumerable<int> wanted = Enumerable.Range(0, sequences.Count).Where(i => results[i].Length > 0);

        // No token follows the last one, so its row is not computed.
        ForEachPass(wanted, i => sequences[i].Tokens[..^1], (members, plan, residual) =>
        {
            List<int> rows = [], targets = [];
            for (int m = 0; m < members.Count; m++)
            {
                TokenSequence sequence = sequences[members[m]];
                for (int t = sequence.PromptLength; t < sequence.Tokens.Length; t++)
                {
                    rows.Add(plan.Rows[m][t - 1]);
                    targets.Add(sequence.Tokens[t]);
                }
            }

            double[] partition = new double[rows.Count];
            float[] logits = new float[rows.Count];
            head.Score((float*)head.Normalize((float*)residual, rows), rows.Count, partition, [.. targets], logits, null);
            int next = 0;
            foreach (int member in members)
            {
                float[] result = results[member];
                for (int j = 0; j < result.Length; j++, next++) result[j] = (float)(logits[next] - partition[next]);
            }
        }, cancel);
        return results;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ChoiceLogits> ChoiceLogits(IReadOnlyList<int[]> prompts, IReadOnlyList<int> choices, CancellationToken cancel = default)
    {
        RequestChecks.Prompts(prompts, Config);
        RequestChecks.Choices(choices, Config);
        var results = new ChoiceLogits[prompts.Count];
        ForEachPass(Enumerable.Range(0, prompts.Count), i => prompts[i], (members, plan, residual) =>
        {
            int[] rows = [.. plan.Rows.Select(r => r[^1])];
            double[] partition = new double[rows.Length];
            using var logits = new FloatBuffer((long)rows.Length * shape.VocabularyStride);
            head.Score(head.Normalize((float*)residual, rows), rows.Length, partition, [], [], logits.Pointer);
            for (int m = 0; m < members.Count; m++)
            {
                float* row = logits.Pointer + ((long)m * shape.VocabularyStride);
                float[] chosen = new float[choices.Count];
                for (int c = 0; c < chosen.Length; c++) chosen[c] = row[choices[c]];
                results[members[m]] = new ChoiceLogits(chosen, (float)partition[m]);
            }
        }, cancel);
        return results;
    }

    /// <inheritdoc/>
    public StepReport Step(TrainingBatch batch, IObjective objective, StepOptions options, CancellationToken cancel = default)
    {
        RequestChecks.Sequences(batch.Sequences, Config);
        RequestChecks.Step(options);
        return trainer.Step(batch, objective, options, cancel);
    }

    /// <inheritdoc/>
    public ModelWeights ExportWeights() => parameters.Export();

    /// <inheritdoc/>
    public OptimizerState ExportOptimizer() => trainer.Export();

    /// <inheritdoc/>
    public void ImportOptimizer(OptimizerState state) => trainer.Import(state);

    /// <inheritdoc/>
    public void ResetOptimizer() => trainer.Reset();

    /// <inheritdoc/>
    public void Dispose()
    {
        pool.Dispose();
        sampler.Dispose();
        trainer.Dispose();
        transformer.Dispose();
        head.Dispose();
        pages.Dispose();
        parameters.Dispose();
    }

    // Forward passes over streams; each takes as many streams as the token budget allows.
    private void ForEachPass(IEnumerable<int> wanted, Func<int, int[]> stream, Action<List<int>, PrefixPlan, nint> use, CancellationToken cancel)
    {
        foreach (List<int> members in Passes.Split(wanted, i => stream(i).Length, options.PrefillTokens))
        {
            batch.Clear();
            var plan = new PrefixPlan(batch, pages, [.. members.Select(stream)]);
            try
            {
                use(members, plan, (nint)transformer.Forward(batch, pages, null, null, cancel));
            }
            finally
            {
                plan.Release();
            }
        }
    }
}
