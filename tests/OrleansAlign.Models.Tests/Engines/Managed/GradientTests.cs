using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Tests.Engines.Conformance;

namespace OrleansAlign.Models.Tests.Engines.Managed;

public class GradientTests
{
    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Every_tensors_gradient_agrees_with_central_differences(string name)
    {
        ModelConfig config = TinyModels.Config(name);
        ModelWeights weights = TinyModels.Weights(config);
        var batch = new TrainingBatch([new TokenSequence(TinyModels.Tokens(config, 12, 1), 3), new TokenSequence(TinyModels.Tokens(config, 9, 2), 1)]);
        using var engine = new ManagedEngine(weights, 2);
        IReadOnlyList<WeightTensor> gradients = engine.Gradients(batch, new WeightedSum()).Gradients;
        Assert.Equal(weights.Tensors.Select(t => t.Name), gradients.Select(g => g.Name));
        for (int tensor = 0; tensor < gradients.Count; tensor++)
        {
            // Along the sign of the gradient the slope is Σ |g|; a few elements with a wrong sign change it measurably.
            float[] g = gradients[tensor].Data;
            double step = 4e-4 / Math.Sqrt(g.Length) * 4, expected = g.Sum(v => Math.Abs((double)v));
            Assert.True(expected > 0, $"{gradients[tensor].Name} has no gradient");
            double slope = (Loss(weights, batch, tensor, g, step) - Loss(weights, batch, tensor, g, -step)) / (2 * step);
            Assert.True(Math.Abs(slope - expected) < 0.01 * expected, $"{gradients[tensor].Name}: the slope is {slope}, the gradient says {expected}");
        }
    }

    [Fact]
    public void A_single_logs_gradient_is_confined_to_what_the_row_saw()
    {
        ModelConfig config = TinyModels.Llama;
        using var engine = new ManagedEngine(TinyModels.Weights(config), 1);
        int[] tokens = [.. Enumerable.Range(10, 30)];
        var gradient = engine.Gradients(new TrainingBatch([new TokenSequence(tokens, 1)]), new OneToken(4)).Gradients[0];
        for (int id = 0; id < config.VocabularySize; id++)
        {
            bool seen = id is >= 10 and <= 14;
            float[] row = gradient.Data[(id * config.HiddenSize)..((id + 1) * config.HiddenSize)];
            Assert.Equal(seen, row.Any(v => v != 0));
        }
    }

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Splitting_the_batch_does_not_change_a_bit(string name)
    {
        ModelConfig config = TinyModels.Config(name);
        var batch = new TrainingBatch(TinyModels.Ragged(config)) { DropoutSeed = 8 };
        string[] hashes =
        [
            .. new[] { 1L, 200_000, 2L << 30 }.Select(bytes =>
            {
                using var engine = new ManagedEngine(TinyModels.Weights(config), 2, new ManagedEngineOptions { ActivationBytes = bytes });
                for (int i = 0; i < 2; i++) engine.Step(batch, new WeightedSum(), new StepOptions { LearningRate = 1e-2, Dropout = 0.2 * i });
                return engine.ExportWeights().Hash();
            }),
        ];
        Assert.Equal(hashes[2], hashes[0]);
        Assert.Equal(hashes[2], hashes[1]);
    }

    private static double Loss(ModelWeights weights, TrainingBatch batch, int tensor, float[] direction, double step)
    {
        WeightTensor[] moved = [.. weights.Tensors];
        float[] data = [.. moved[tensor].Data];
        for (int i = 0; i < data.Length; i++) data[i] += (float)(step * Math.Sign(direction[i]));
        moved[tensor] = moved[tensor] with { Data = data };
        using var engine = new ManagedEngine(new ModelWeights(weights.Config, moved), 1);
        IReadOnlyList<float[]> logProbs = engine.LogProbs(batch.Sequences);
        return new WeightedSum().Evaluate(batch, logProbs, [.. logProbs.Select(l => new float[l.Length])]).Loss;
    }

    private sealed class OneToken(int index) : IObjective
    {
        public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
        {
            gradients[0][index] = 1;
            return new ObjectiveValue(logProbs[0][index], new Dictionary<string, double>());
        }
    }
}
