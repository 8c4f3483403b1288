using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Tests.Engines.Conformance;

namespace OrleansAlign.Models.Tests.Engines.Managed;

public class StepTests
{
    private static readonly ModelConfig Config = TinyModels.Qwen2;
    private static readonly TrainingBatch Batch = new(TinyModels.Ragged(Config));

    [Fact]
    public void The_first_step_moves_each_weight_by_the_learning_rate_against_its_gradient()
    {
        // With both moments at their first value, m / √v is the gradient's sign; decay comes on top, for matrices alone.
        ModelWeights before = TinyModels.Weights(Config);
        using var engine = new ManagedEngine(before, 2);
        IReadOnlyList<WeightTensor> gradients = engine.Gradients(Batch, new WeightedSum()).Gradients;
        StepReport report = engine.Step(Batch, new WeightedSum(), new StepOptions { LearningRate = 1e-2, WeightDecay = 0.5, ClipNorm = 0 });
        ModelWeights after = engine.ExportWeights();
        double squares = 0;
        for (int t = 0; t < gradients.Count; t++)
        {
            double keep = gradients[t].Shape.Length > 1 ? 1 - (1e-2 * 0.5) : 1;
            for (int i = 0; i < gradients[t].Data.Length; i++)
            {
                double g = gradients[t].Data[i];
                squares += g * g;
                double expected = (before.Tensors[t].Data[i] * keep) - (1e-2 * g / (Math.Abs(g) + 1e-8));
                Assert.Equal(expected, after.Tensors[t].Data[i], 1e-6);
            }
        }

        Assert.Equal(Math.Sqrt(squares), report.GradientNorm, 1e-6 * report.GradientNorm);
        Assert.Equal(Batch.Sequences.Sum(s => s.Tokens.Length), report.Tokens);
    }

    [Fact]
    public void Clipping_scales_all_gradients_to_the_norm()
    {
        using var clipped = new ManagedEngine(TinyModels.Weights(Config), 2);
        using var plain = new ManagedEngine(TinyModels.Weights(Config), 2);
        double norm = plain.Step(Batch, new WeightedSum(), new StepOptions { ClipNorm = 0 }).GradientNorm;
        Assert.Equal(norm, clipped.Step(Batch, new WeightedSum(), new StepOptions { ClipNorm = norm / 4 }).GradientNorm);
        foreach ((float[] whole, float[] quarter) in plain.ExportOptimizer().FirstMoments.Zip(clipped.ExportOptimizer().FirstMoments))
        {
            for (int i = 0; i < whole.Length; i++) Assert.Equal(whole[i] / 4, quarter[i], 1e-6 * (Math.Abs(whole[i]) + 1e-3));
        }

        using var loose = new ManagedEngine(TinyModels.Weights(Config), 2);
        loose.Step(Batch, new WeightedSum(), new StepOptions { ClipNorm = norm * 1.01 });
        Assert.Equal(plain.ExportWeights().Hash(), loose.ExportWeights().Hash());
    }

    [Fact]
    public void Steps_lower_the_loss_of_a_batch_that_can_be_learned()
    {
        using var engine = new ManagedEngine(TinyModels.Weights(Config), 2);
        var batch = new TrainingBatch([new TokenSequence(TinyModels.Tokens(Config, 40, 1), 1)]);
        double first = engine.Step(batch, new Likelihood(), new StepOptions { LearningRate = 5e-3 }).Loss, last = first;
        for (int i = 0; i < 80; i++) last = engine.Step(batch, new Likelihood(), new StepOptions { LearningRate = 5e-3 }).Loss;
        Assert.True(last < 0.1 * first, $"from {first} to {last}");
    }

    [Fact]
    public void What_sampling_recorded_scoring_and_training_see_bit_for_bit()
    {
        foreach (ModelConfig config in new[] { TinyModels.Llama, TinyModels.Qwen2, TinyModels.Qwen3 })
        {
            using var engine = new ManagedEngine(TinyModels.Weights(config), 2);
            SampleRequest[] requests =
            [
                .. TinyModels.Ragged(config).Select((s, i) =>
                    new SampleRequest(s.Tokens, (ulong)i, new SamplingOptions { MaxNewTokens = 1 + (i * 9), Temperature = 0.7, TopK = 20 }, [])),
            ];
            IReadOnlyList<Sample> samples = engine.Sample(requests);
            TokenSequence[] sequences = [.. samples.Select((s, i) => new TokenSequence([.. requests[i].Prompt, .. s.Tokens], requests[i].Prompt.Length))];
            Assert.Equal(samples.Select(s => s.LogProbs), engine.LogProbs(sequences));
            var objective = new WeightedSum();
            engine.Step(new TrainingBatch(sequences), objective, new StepOptions());
            Assert.Equal(samples.Select(s => s.LogProbs), objective.Seen);
        }
    }

    [Fact]
    public void Putting_the_optimizer_back_goes_on_as_if_uninterrupted()
    {
        using var straight = new ManagedEngine(TinyModels.Weights(Config), 2);
        using var before = new ManagedEngine(TinyModels.Weights(Config), 1);
        var options = new StepOptions { LearningRate = 3e-3, WeightDecay = 0.1 };
        for (int i = 0; i < 4; i++) straight.Step(Batch, new WeightedSum(), options);
        for (int i = 0; i < 2; i++) before.Step(Batch, new WeightedSum(), options);
        using var after = new ManagedEngine(before.ExportWeights(), 2);
        after.ImportOptimizer(before.ExportOptimizer());
        for (int i = 0; i < 2; i++) after.Step(Batch, new WeightedSum(), options);
        Assert.Equal(straight.ExportWeights().Hash(), after.ExportWeights().Hash());
        Assert.Equal(4, after.ExportOptimizer().Step);

        // Without the optimizer's state the result is a different one.
        using var forgot = new ManagedEngine(before.ExportWeights(), 2);
        forgot.ImportOptimizer(before.ExportOptimizer());
        forgot.ResetOptimizer();
        for (int i = 0; i < 2; i++) forgot.Step(Batch, new WeightedSum(), options);
        Assert.NotEqual(straight.ExportWeights().Hash(), forgot.ExportWeights().Hash());
        Assert.Equal(2, forgot.ExportOptimizer().Step);
    }

    [Fact]
    public void Moments_that_do_not_fit_are_refused_by_name()
    {
        using var engine = new ManagedEngine(TinyModels.Weights(Config), 1);
        OptimizerState state = engine.ExportOptimizer();
        float[][] wrong = [.. state.SecondMoments];
        wrong[2] = new float[3];
        ArgumentException error = Assert.Throws<ArgumentException>(() => engine.ImportOptimizer(state with { SecondMoments = wrong }));
        Assert.Contains("q_proj", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => engine.ImportOptimizer(state with { FirstMoments = [] }));
        Assert.Throws<ArgumentException>(() => engine.ImportOptimizer(state with { Step = -1 }));
    }

    [Theory]
    [InlineData(double.NaN, 0, "loss")]
    [InlineData(0, float.NaN, "gradient of ")]
    [InlineData(0, float.PositiveInfinity, "gradient of ")]
    public void What_is_not_finite_stops_before_the_weights(double loss, float gradient, string named)
    {
        using var engine = new ManagedEngine(TinyModels.Weights(Config), 2);
        engine.Step(Batch, new WeightedSum(), new StepOptions());
        string hash = engine.ExportWeights().Hash();
        OptimizerState state = engine.ExportOptimizer();
        var error = Assert.Throws<ArithmeticException>(() => engine.Step(Batch, new Broken(loss, gradient), new StepOptions()));
        Assert.Contains("step 2", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Equal(hash, engine.ExportWeights().Hash());
        Assert.Equal(state.FirstMoments, engine.ExportOptimizer().FirstMoments);
        Assert.Equal(1, engine.ExportOptimizer().Step);
    }

    [Fact]
    public void Cancelling_at_any_point_leaves_the_weights()
    {
        using var engine = new ManagedEngine(TinyModels.Weights(Config), 2, new ManagedEngineOptions { ActivationBytes = 1 });
        string hash = engine.ExportWeights().Hash();
        using var already = new CancellationTokenSource();
        already.Cancel();
        Assert.Throws<OperationCanceledException>(() => engine.Step(Batch, new WeightedSum(), new StepOptions(), already.Token));

        // Cancelled within the objective: after the forward pass, before the backward pass.
        using var during = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => engine.Step(Batch, new Cancelling(during), new StepOptions(), during.Token));
        Assert.Equal(hash, engine.ExportWeights().Hash());
        Assert.Equal(0, engine.ExportOptimizer().Step);
        Assert.Throws<OperationCanceledException>(() => engine.LogProbs(Batch.Sequences, already.Token));
        Assert.Throws<OperationCanceledException>(() => engine.Sample([new SampleRequest([1], 1, new SamplingOptions(), [])], already.Token));

        // The next steps are the same as without the cancelled one.
        using var fresh = new ManagedEngine(TinyModels.Weights(Config), 1);
        engine.Step(Batch, new WeightedSum(), new StepOptions());
        fresh.Step(Batch, new WeightedSum(), new StepOptions());
        Assert.Equal(fresh.ExportWeights().Hash(), engine.ExportWeights().Hash());
    }

    [Fact]
    public void Dropout_changes_training_by_its_seed_and_scoring_not_at_all()
    {
        string Run(double dropout, ulong seed)
        {
            using var engine = new ManagedEngine(TinyModels.Weights(Config), 2);
            IReadOnlyList<float[]> scored = engine.LogProbs(Batch.Sequences);
            var objective = new WeightedSum();
            engine.Step(Batch with { DropoutSeed = seed }, objective, new StepOptions { Dropout = dropout, LearningRate = 0 });
            Assert.Equal(dropout == 0, scored.SelectMany(l => l).SequenceEqual(objective.Seen.SelectMany(l => l)));
            return string.Join(' ', engine.ExportOptimizer().FirstMoments[3]);
        }

        string off = Run(0, 1);
        Assert.Equal(off, Run(0, 2));
        Assert.Equal(Run(0.3, 1), Run(0.3, 1));
        Assert.NotEqual(off, Run(0.3, 1));
        Assert.NotEqual(Run(0.3, 2), Run(0.3, 1));
    }

    [Fact]
    public void Settings_out_of_range_are_refused_by_name()
    {
        using var engine = new ManagedEngine(TinyModels.Weights(Config), 1);
        void Refused(string name, StepOptions options) =>
            Assert.Contains(name, Assert.Throws<ArgumentException>(() => engine.Step(Batch, new WeightedSum(), options)).Message, StringComparison.Ordinal);
        Refused("learning-rate", new StepOptions { LearningRate = double.NaN });
        Refused("beta2", new StepOptions { Beta2 = 1 });
        Refused("epsilon", new StepOptions { Epsilon = 0 });
        Refused("dropout", new StepOptions { Dropout = 1 });
        Refused("weight-decay", new StepOptions { WeightDecay = -1 });
        Assert.Throws<ArgumentException>(() => engine.Step(new TrainingBatch([new TokenSequence([1, 2], 3)]), new WeightedSum(), new StepOptions()));
        Assert.Throws<ArgumentException>(
            () => engine.Step(new TrainingBatch([new TokenSequence([1, Config.VocabularySize], 1)]), new WeightedSum(), new StepOptions()));
    }

    [Fact]
    public void An_engine_in_use_or_disposed_says_so()
    {
        var engine = new ManagedEngine(TinyModels.Weights(Config), 2);
        engine.Step(Batch, new Calling(() =>
        {
            Assert.Throws<InvalidOperationException>(() => engine.ExportWeights());
            Assert.Throws<InvalidOperationException>(engine.Dispose);
        }), new StepOptions());
        engine.Dispose();
        engine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => engine.LogProbs(Batch.Sequences));
    }

    [Fact]
    public void Heads_that_do_not_fit_together_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ManagedEngine(TinyModels.Weights(Config with { KeyValueHeads = 3 })));
        Assert.Throws<ArgumentException>(() => new ManagedEngine(TinyModels.Weights(Config with { HeadSize = 7 })));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ManagedEngine(TinyModels.Weights(Config), -1));
    }

    private sealed class Calling(Action action) : IObjective
    {
        public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
        {
            action();
            return new ObjectiveValue(0, new Dictionary<string, double>());
        }
    }

    private sealed class Likelihood : IObjective
    {
        public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
        {
            Array.Fill(gradients[0], -1f / gradients[0].Length);
            return new ObjectiveValue(-logProbs[0].Average(), new Dictionary<string, double>());
        }
    }

    private sealed class Broken(double loss, float gradient) : IObjective
    {
        public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
        {
            gradients[2][3] = gradient;
            return new ObjectiveValue(loss, new Dictionary<string, double>());
        }
    }

    private sealed class Cancelling(CancellationTokenSource source) : IObjective
    {
        public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
        {
            source.Cancel();
            return new ObjectiveValue(1, new Dictionary<string, double>());
        }
    }
}
