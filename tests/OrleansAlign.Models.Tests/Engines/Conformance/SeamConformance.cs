using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Models.Tests.Engines.Conformance;

/// <summary>The contract of <see cref="IPolicyEngine"/> beyond the numbers: neighbours, stops, resuming, copies, misuse.</summary>
/// <remarks>A test class per engine derives from this and makes the engine.</remarks>
public abstract class SeamConformance
{
    private static readonly StepOptions step = new() { LearningRate = 1e-2, WeightDecay = 0.1 };

    public static TheoryData<string> Models => [.. RandomModels.Configs.Keys];

    /// <summary>How far a sequence's numbers may move with its neighbours, and a drawn token's log-prob from its scored one, relative to the largest;
    /// 0: not by a bit.</summary>
    protected virtual double BatchTolerance => 0;

    protected abstract IPolicyEngine Create(ModelWeights weights);

    [Theory]
    [MemberData(nameof(Models))]
    public void A_sequence_s_numbers_do_not_depend_on_its_neighbours(string name)
    {
        ModelWeights weights = RandomModels.Weights(name);
        IReadOnlyList<TokenSequence> sequences = RandomModels.Ragged(weights.Config, 20);
        using IPolicyEngine engine = Create(weights);
        IReadOnlyList<float[]> together = engine.LogProbs(sequences);
        IReadOnlyList<ChoiceLogits> choices = engine.ChoiceLogits([.. sequences.Select(s => s.Tokens)], [0, 1]);
        for (int i = 0; i < sequences.Count; i++)
        {
            Same($"{name} log-probs {i}", engine.LogProbs([sequences[i]])[0], together[i]);
            ChoiceLogits alone = engine.ChoiceLogits([sequences[i].Tokens], [0, 1])[0];
            Same($"{name} choices {i}", [.. alone.Logits, alone.LogPartition], [.. choices[i].Logits, choices[i].LogPartition]);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_draw_depends_on_its_own_request_alone_and_carries_the_trainer_s_log_probs(string name)
    {
        ModelWeights weights = RandomModels.Weights(name);
        ModelConfig config = weights.Config;
        using IPolicyEngine engine = Create(weights);
        SampleRequest[] requests =
        [
            .. Enumerable.Range(0, 9).Select(i => new SampleRequest(
                RandomModels.Tokens(config, (ulong)(30 + (i / 3)), 1 + (i / 3)), (ulong)i, new SamplingOptions { MaxNewTokens = 3 * (i + 1) }, [1])),
        ];
        IReadOnlyList<Sample> together = engine.Sample(requests);
        for (int i = 0; i < requests.Length; i++)
        {
            Sample alone = engine.Sample([requests[i]])[0], sample = together[i];
            Assert.Equal(alone.Tokens, sample.Tokens);
            Same($"{name} drawn {i}", alone.LogProbs, sample.LogProbs);
            Assert.Equal(sample.Tokens.Length, sample.LogProbs.Length);
            var drawn = new TokenSequence([.. requests[i].Prompt, .. sample.Tokens], requests[i].Prompt.Length);
            Same($"{name} scored {i}", engine.LogProbs([drawn])[0], sample.LogProbs);
            Assert.DoesNotContain(1, sample.Tokens[..^1]);
            Assert.Equal(sample.Tokens[^1] == 1, sample.Finish == FinishReason.Stop);
            int most = Math.Min(requests[i].Options.MaxNewTokens, config.ContextLength - requests[i].Prompt.Length);
            Assert.True(sample.Finish == FinishReason.Stop ? sample.Tokens.Length <= most : sample.Tokens.Length == most);
        }
    }

    [Fact]
    public void Generation_ends_where_the_context_is_full()
    {
        ModelWeights weights = RandomModels.Weights("one key head for five");
        int context = weights.Config.ContextLength;
        using IPolicyEngine engine = Create(weights);
        foreach (int length in (int[])[1, context - 2, context - 1])
        {
            Sample sample = engine.Sample(
                [new SampleRequest(RandomModels.Tokens(weights.Config, 3, length), 1, new SamplingOptions { MaxNewTokens = 1000 }, [])])[0];
            Assert.Equal(context - length, sample.Tokens.Length);
            Assert.Equal(FinishReason.Length, sample.Finish);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_batch_s_gradient_is_the_sum_of_its_parts(string name)
    {
        ModelWeights weights = RandomModels.Weights(name);
        using IPolicyEngine engine = Create(weights);
        IReadOnlyList<TokenSequence> sequences = RandomModels.Ragged(weights.Config, 21);
        var objective = new SumOfLogProbs();
        float[][] whole = Of(sequences);
        float[][][] parts = [.. sequences.Select(s => Of([s]))];
        double floor = 1e-3 * whole.Max(t => t.Max(Math.Abs));
        for (int t = 0; t < whole.Length; t++)
        {
            double[] sum = [.. Enumerable.Range(0, whole[t].Length).Select(i => parts.Sum(p => (double)p[t][i]))];
            Near.Tensor($"{name} {weights.Tensors[t].Name}", sum, [.. whole[t].Select(x => (double)x)], 1e-4, floor);
        }

        float[][] Of(IReadOnlyList<TokenSequence> batch) => [.. engine.Gradients(new TrainingBatch(batch), objective).Gradients.Select(g => g.Data)];
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Resumed_is_uninterrupted_to_the_bit(string name)
    {
        ModelWeights weights = RandomModels.Weights(name);
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sigmoid");
        using IPolicyEngine straight = Create(weights), before = Create(weights);
        for (int i = 0; i < 4; i++) straight.Step(batch, objective, step);
        for (int i = 0; i < 2; i++) before.Step(batch, objective, step);
        using IPolicyEngine after = Create(before.ExportWeights());
        after.ImportOptimizer(before.ExportOptimizer());
        for (int i = 0; i < 2; i++) after.Step(batch, objective, step);
        Assert.Equal(straight.ExportWeights().Hash(), after.ExportWeights().Hash());
        Assert.Equal(4, after.ExportOptimizer().Step);
    }

    [Fact]
    public void A_reset_optimizer_is_a_new_one()
    {
        ModelWeights weights = RandomModels.Weights("one key head for five");
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "ipo");
        using IPolicyEngine engine = Create(weights);
        engine.Step(batch, objective, step);
        using IPolicyEngine fresh = Create(engine.ExportWeights()), kept = Create(engine.ExportWeights());
        kept.ImportOptimizer(engine.ExportOptimizer());
        engine.ResetOptimizer();
        Assert.Equal(0, engine.ExportOptimizer().Step);
        foreach (IPolicyEngine e in (IPolicyEngine[])[engine, fresh, kept]) e.Step(batch, objective, step);
        Assert.Equal(fresh.ExportWeights().Hash(), engine.ExportWeights().Hash());
        Assert.NotEqual(kept.ExportWeights().Hash(), engine.ExportWeights().Hash());
    }

    [Fact]
    public void The_weights_it_was_made_from_and_those_it_exports_are_not_its_own()
    {
        ModelWeights weights = RandomModels.Weights("head size 2, tied, qkv biases");
        string hash = weights.Hash();
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "hinge");
        using IPolicyEngine engine = Create(weights);
        ModelWeights exported = engine.ExportWeights();
        Assert.Equal(hash, exported.Hash());
        engine.Step(batch, objective, step);
        Assert.Equal(hash, weights.Hash());
        Assert.Equal(hash, exported.Hash());
        string now = engine.ExportWeights().Hash();
        Assert.NotEqual(hash, now);
        foreach (WeightTensor tensor in exported.Tensors.Concat(weights.Tensors)) Array.Clear(tensor.Data);
        Assert.Equal(now, engine.ExportWeights().Hash());
        Assert.All(engine.LogProbs(batch.Sequences).SelectMany(row => row), x => Assert.True(x < 0));
    }

    [Fact]
    public void Asking_changes_nothing_and_a_rate_of_0_moves_nothing()
    {
        ModelWeights weights = RandomModels.Weights("llama3 scaling, all biases");
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sigmoid");
        using IPolicyEngine engine = Create(weights);
        engine.LogProbs(batch.Sequences);
        engine.ChoiceLogits([[1]], [0, 1]);
        engine.Sample([new SampleRequest([1], 1, new SamplingOptions { MaxNewTokens = 5 }, [])]);
        Assert.Equal(0, engine.ExportOptimizer().Step);
        StepReport report = engine.Step(batch, objective, step with { LearningRate = 0 });
        Assert.Equal(weights.Hash(), engine.ExportWeights().Hash());
        Assert.True(report.GradientNorm > 0);
        Assert.Equal(1, engine.ExportOptimizer().Step);
    }

    [Fact]
    public void Decay_pulls_matrices_and_leaves_vectors()
    {
        ModelWeights weights = RandomModels.Weights("llama3 scaling, all biases");
        using IPolicyEngine engine = Create(weights);
        TrainingBatch batch = new([new TokenSequence([1, 2], 1) { Trained = [false] }]);
        engine.Step(batch, new SupervisedLoss(), new StepOptions { LearningRate = 0.5, WeightDecay = 0.25 });
        foreach ((WeightTensor before, WeightTensor after) in weights.Tensors.Zip(engine.ExportWeights().Tensors))
        {
            double factor = before.Shape.Length >= 2 ? 1 - (0.5 * 0.25) : 1;
            Near.Tensor(before.Name, [.. before.Data.Select(x => x * factor)], [.. after.Data.Select(x => (double)x)], 1e-6);
        }
    }

    [Fact]
    public void Prompt_tokens_are_never_trained_on_and_masked_ones_neither()
    {
        ModelWeights weights = RandomModels.Weights("q/k norm, heads wider than the stream");
        using IPolicyEngine engine = Create(weights);
        int[] tokens = RandomModels.Tokens(weights.Config, 40, 9);
        var prompt = new TokenSequence(tokens, 6);
        var mask = new TokenSequence(tokens, 1) { Trained = [false, false, false, false, false, true, true, true] };
        IReadOnlyList<WeightTensor> a = engine.Gradients(new TrainingBatch([prompt]), new SupervisedLoss()).Gradients;
        IReadOnlyList<WeightTensor> b = engine.Gradients(new TrainingBatch([mask]), new SupervisedLoss()).Gradients;
        foreach ((WeightTensor x, WeightTensor y) in a.Zip(b)) Near.Tensor(x.Name, x.Data, y.Data, 1e-5, 1e-4);
    }

    [Fact]
    public void Misuse_is_an_argument_exception()
    {
        ModelWeights weights = RandomModels.Weights("one key head for five");
        int context = weights.Config.ContextLength, vocabulary = weights.Config.VocabularySize;
        using IPolicyEngine engine = Create(weights);
        var options = new SamplingOptions();
        foreach (int[] broken in (int[][])[[], [vocabulary], [-1], [int.MaxValue, 1], new int[context + 1]])
        {
            Assert.ThrowsAny<ArgumentException>(() => engine.ChoiceLogits([broken], [0]));
            Assert.ThrowsAny<ArgumentException>(() => engine.LogProbs([new TokenSequence(broken, 1)]));
            Assert.ThrowsAny<ArgumentException>(() => engine.Sample([new SampleRequest(broken, 0, options, [])]));
            Assert.ThrowsAny<ArgumentException>(() => engine.Step(new TrainingBatch([new TokenSequence(broken, 1)]), new SupervisedLoss(), step));
        }

        Assert.ThrowsAny<ArgumentException>(() => engine.Sample([new SampleRequest(new int[context], 0, options, [])]));
        Assert.ThrowsAny<ArgumentException>(() => engine.ChoiceLogits([[1]], [vocabulary]));
        Assert.ThrowsAny<ArgumentException>(() => engine.LogProbs([new TokenSequence([1, 2], 0)]));
        Assert.ThrowsAny<ArgumentException>(() => engine.LogProbs([new TokenSequence([1, 2], 3)]));
        Assert.ThrowsAny<ArgumentException>(() => engine.ImportOptimizer(new OptimizerState(1, [], [])));
        Assert.Equal(weights.Hash(), engine.ExportWeights().Hash());
        Assert.Equal(0, engine.ExportOptimizer().Step);
    }

    [Fact]
    public void Nothing_asked_gives_nothing()
    {
        using IPolicyEngine engine = Create(RandomModels.Weights("one key head for five"));
        Assert.Empty(engine.LogProbs([]));
        Assert.Empty(engine.Sample([]));
        Assert.Empty(engine.ChoiceLogits([], [1]));
    }

    [Fact]
    public void A_cancelled_call_ends_and_leaves_the_policy_as_it_was()
    {
        ModelWeights weights = RandomModels.Weights("one key head for five");
        (TrainingBatch batch, IObjective objective) = ModelConformance.Objective(weights.Config, "sigmoid");
        using IPolicyEngine engine = Create(weights);
        var cancelled = new CancellationToken(canceled: true);
        Assert.ThrowsAny<OperationCanceledException>(() => engine.Sample([new SampleRequest([1], 1, new SamplingOptions(), [])], cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => engine.LogProbs(batch.Sequences, cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => engine.Step(batch, objective, step, cancelled));
        Assert.Equal(weights.Hash(), engine.ExportWeights().Hash());
    }

    private void Same(string name, float[] expected, float[] actual)
    {
        if (BatchTolerance == 0) Assert.Equal(expected, actual);
        else Near.Tensor(name, expected, actual, BatchTolerance, 1);
    }

    /// <summary>A sum, so that parts add up to the whole.</summary>
    private sealed class SumOfLogProbs : IObjective
    {
        public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
        {
            foreach (float[] row in gradients) Array.Fill(row, 1);
            return new ObjectiveValue(logProbs.Sum(row => row.Sum(x => (double)x)), new Dictionary<string, double>());
        }
    }
}
