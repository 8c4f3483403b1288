using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Tests.Engines.Reference;

namespace OrleansAlign.Models.Tests.Engines.Conformance;

/// <summary>An engine against the reference engine, on random models whose sizes are no multiples of a vector.</summary>
/// <remarks>A test class per engine derives from this and makes the engine.</remarks>
public abstract class ModelConformance
{
    private const double LogitTolerance = 1e-4, GradientTolerance = 1e-3;

    public static TheoryData<string> Models => [.. RandomModels.Configs.Keys];

    public static TheoryData<string, string> Objectives
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (string model in RandomModels.Configs.Keys)
            {
                foreach (string loss in (string[])["sft", "sft-masked", "sigmoid", "hinge", "ipo", "smoothed", "averaged-rpo"]) data.Add(model, loss);
            }

            return data;
        }
    }

    protected abstract IPolicyEngine Create(ModelWeights weights);

    [Theory]
    [MemberData(nameof(Models))]
    public void Logits_agree(string name)
    {
        ModelWeights weights = RandomModels.Weights(name);
        int[][] sequences = [.. RandomModels.Ragged(weights.Config, 5).Select(s => s.Tokens)];
        using IPolicyEngine engine = Create(weights);
        using var reference = new ReferenceEngine(weights);
        IReadOnlyList<float[]> actual = engine.Logits(sequences), expected = reference.Logits(sequences);
        for (int i = 0; i < sequences.Length; i++) Near.Tensor($"{name} {i}", expected[i], actual[i], LogitTolerance);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Log_probs_agree(string name)
    {
        ModelWeights weights = RandomModels.Weights(name);
        IReadOnlyList<TokenSequence> sequences = RandomModels.Ragged(weights.Config, 6);
        using IPolicyEngine engine = Create(weights);
        using var reference = new ReferenceEngine(weights);
        IReadOnlyList<float[]> actual = engine.LogProbs(sequences), expected = reference.LogProbs(sequences);
        for (int i = 0; i < sequences.Count; i++)
        {
            Assert.Equal(sequences[i].CompletionLength, actual[i].Length);
            Near.Tensor($"{name} {i}", expected[i], actual[i], LogitTolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Choice_logits_agree(string name)
    {
        ModelWeights weights = RandomModels.Weights(name);
        int[][] prompts = [.. RandomModels.Ragged(weights.Config, 7).Select(s => s.Tokens)];
        int[] choices = [weights.Config.VocabularySize - 1, 0, 0];
        using IPolicyEngine engine = Create(weights);
        using var reference = new ReferenceEngine(weights);
        IReadOnlyList<ChoiceLogits> actual = engine.ChoiceLogits(prompts, choices), expected = reference.ChoiceLogits(prompts, choices);
        for (int i = 0; i < prompts.Length; i++)
        {
            Near.Tensor($"{name} {i}", expected[i].Logits, actual[i].Logits, LogitTolerance, 1);
            Near.Number($"{name} {i} partition", expected[i].LogPartition, actual[i].LogPartition, LogitTolerance, 1);
            Assert.Equal(actual[i].Logits[1], actual[i].Logits[2]);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Draws_agree(string name)
    {
        ModelWeights weights = RandomModels.Weights(name);
        SamplingOptions[] options =
        [
            new() { Temperature = 0 }, new(), new() { Temperature = 0.7, TopP = 0.9 }, new() { TopK = 3 },
            new() { TopK = 5, TopP = 0.8, Temperature = 1.5 }, new() { MinP = 0.2 },
        ];
        List<SampleRequest> requests = [];
        foreach (TokenSequence sequence in RandomModels.Ragged(weights.Config, 8))
        {
            for (int o = 0; o < options.Length; o++)
            {
                int[] prompt = sequence.Tokens[..sequence.PromptLength];
                requests.Add(new SampleRequest(
                    prompt, CounterRandom.Derive(9, (ulong)requests.Count), options[o] with { MaxNewTokens = 7 }, o % 2 == 0 ? [] : [0]));
            }
        }

        using IPolicyEngine engine = Create(weights);
        using var reference = new ReferenceEngine(weights);
        IReadOnlyList<Sample> actual = engine.Sample(requests), expected = reference.Sample(requests);
        for (int i = 0; i < requests.Count; i++)
        {
            Assert.Equal(expected[i].Tokens, actual[i].Tokens);
            Assert.Equal(expected[i].Finish, actual[i].Finish);
            Near.Tensor($"{name} {i}", expected[i].LogProbs, actual[i].LogProbs, LogitTolerance, 1);
        }
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Losses_gradients_and_metrics_agree(string name, string loss)
    {
        ModelWeights weights = RandomModels.Weights(name);
        (TrainingBatch batch, IObjective objective) = Objective(weights.Config, loss);
        using IPolicyEngine engine = Create(weights);
        using var reference = new ReferenceEngine(weights);
        (ObjectiveValue actual, IReadOnlyList<WeightTensor> gradients) = engine.Gradients(batch, objective);
        (ObjectiveValue expected, IReadOnlyList<WeightTensor> expectedGradients) = reference.Gradients(batch, objective);
        Near.Number($"{name} {loss}", expected.Loss, actual.Loss, LogitTolerance, 1);
        Assert.Equal(expected.Metrics.Keys, actual.Metrics.Keys);
        Assert.All(expected.Metrics, m => Near.Number($"{name} {loss} {m.Key}", m.Value, actual.Metrics[m.Key], LogitTolerance, 10));
        AssertGradients($"{name} {loss}", expectedGradients, gradients);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Ten_steps_agree(string name)
    {
        ModelWeights weights = RandomModels.Weights(name);
        (TrainingBatch batch, IObjective objective) = Objective(weights.Config, "sigmoid");
        (TrainingBatch rows, IObjective supervised) = Objective(weights.Config, "sft-masked");

        // The batch grows and shrinks: values that a larger batch left in a buffer must not affect a smaller one.
        (TrainingBatch Batch, IObjective Objective)[] turns =
        [
            (batch, objective), (new TrainingBatch([rows.Sequences[4]]), supervised), (rows, supervised),
            (new TrainingBatch([.. rows.Sequences.Take(2)]), supervised),
        ];

        // A large ε keeps elements whose gradient is rounding noise from stepping by the whole rate into a random direction.
        var options = new StepOptions { LearningRate = 3e-3, WeightDecay = 0.1, ClipNorm = 0.7, Epsilon = 1e-3 };
        using IPolicyEngine engine = Create(weights);
        using var reference = new ReferenceEngine(weights);
        for (int step = 0; step < 10; step++)
        {
            (TrainingBatch now, IObjective loss) = turns[step % turns.Length];
            StepOptions falling = options with { LearningRate = options.LearningRate * (10 - step) / 10 };
            StepReport expected = reference.Step(now, loss, falling);
            StepReport actual = engine.Step(now, loss, falling);
            Near.Number($"{name} loss of step {step}", expected.Loss, actual.Loss, LogitTolerance, 1);
            Near.Number($"{name} gradient norm of step {step}", expected.GradientNorm, actual.GradientNorm, GradientTolerance);
            Assert.Equal(expected.Tokens, actual.Tokens);
        }

        AssertGradients($"{name} after ten steps", reference.Gradients(batch, objective).Gradients, engine.Gradients(batch, objective).Gradients);
        foreach ((WeightTensor expected, WeightTensor actual) in reference.ExportWeights().Tensors.Zip(engine.ExportWeights().Tensors))
        {
            Near.Tensor($"{name} {expected.Name}", expected.Data, actual.Data, LogitTolerance);
        }

        OptimizerState expectedState = reference.ExportOptimizer(), actualState = engine.ExportOptimizer();
        Assert.Equal(10, actualState.Step);
        AssertGradients($"{name} first moments", Named(expectedState.FirstMoments), Named(actualState.FirstMoments));
        AssertGradients($"{name} second moments", Named(expectedState.SecondMoments), Named(actualState.SecondMoments));

        List<WeightTensor> Named(IReadOnlyList<float[]> moments) => [.. weights.Tensors.Zip(moments, (t, m) => new WeightTensor(t.Name, t.Shape, m))];
    }

    /// <summary>A batch of ragged sequences and a loss on it by name; preference losses pair neighbours.</summary>
    internal static (TrainingBatch Batch, IObjective Objective) Objective(ModelConfig config, string loss)
    {
        IReadOnlyList<TokenSequence> sequences = RandomModels.Ragged(config, 10);
        if (loss == "sft") return (new TrainingBatch(sequences), new SupervisedLoss());
        TokenSequence[] masked =
            [.. sequences.Select(s => s with { Trained = [.. Enumerable.Range(0, s.CompletionLength).Select(j => j % 3 != 1)] })];
        if (loss == "sft-masked") return (new TrainingBatch(masked), new SupervisedLoss());
        var options = new PreferenceLossOptions
        {
            Kind = loss switch { "hinge" => PreferenceLossKind.Hinge, "ipo" => PreferenceLossKind.Ipo, _ => PreferenceLossKind.Sigmoid },
            LabelSmoothing = loss == "smoothed" ? 0.2 : 0,
            AverageLogProbs = loss == "averaged-rpo",
            SftWeight = loss == "averaged-rpo" ? 0.5 : 0,
        };
        ReferenceLogProbs[] references =
            [.. sequences.Chunk(2).Select(p => new ReferenceLogProbs(-3.0 * p[0].CompletionLength, -3.1 * p[1].CompletionLength))];
        return (new TrainingBatch(loss == "averaged-rpo" ? masked : sequences), new PreferenceLoss(options, references));
    }

    private static void AssertGradients(string name, IReadOnlyList<WeightTensor> expected, IReadOnlyList<WeightTensor> actual)
    {
        double floor = 1e-3 * expected.Max(t => t.Data.Max(Math.Abs));
        Assert.Equal(expected.Select(t => t.Name), actual.Select(t => t.Name));
        foreach ((WeightTensor want, WeightTensor got) in expected.Zip(actual))
        {
            Assert.Equal(want.Shape, got.Shape);
            Near.Tensor($"{name} {want.Name}", want.Data, got.Data, GradientTolerance, floor);
        }
    }
}
