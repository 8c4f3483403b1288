using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Numerics;
using OrleansAlign.Models.Tests.Engines.Conformance;

namespace OrleansAlign.Models.Tests.Engines.Reference;

public sealed class ReferenceModelTests
{
    public static TheoryData<string> Models => [.. RandomModels.Configs.Keys];

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_derivative_is_the_central_difference(string name)
    {
        const double Step = 1e-5;
        ModelWeights weights = RandomModels.Weights(name);
        var model = new ReferenceModel(weights);
        int[] tokens = [.. Enumerable.Range(0, 6).Select(i => CounterRandom.Integer(11, (ulong)i, weights.Config.VocabularySize))];
        var tape = new Tape();
        foreach (Node node in Scores(tape)) node.Gradient[0] = 1;
        tape.Backward();
        double[][] gradients = [.. model.Parameters.Select(p => p.Gradient.ToArray())];
        for (int t = 0; t < model.Parameters.Count; t++)
        {
            double[] values = model.Parameters[t].Value;
            double[] expected = [.. gradients[t]], actual = [.. gradients[t]];
            for (int draw = 0; draw < 12; draw++)
            {
                int i = CounterRandom.Integer((ulong)t, (ulong)draw, values.Length);
                double kept = values[i];
                values[i] = kept + Step;
                double up = Scores(new Tape()).Sum(n => n.Value[0]);
                values[i] = kept - Step;
                double down = Scores(new Tape()).Sum(n => n.Value[0]);
                values[i] = kept;
                expected[i] = (up - down) / (2 * Step);
            }

            Near.Tensor($"{name} {model.Names[t]}", expected, actual, 1e-6, 1e-3);
        }

        List<Node> Scores(Tape on)
        {
            ReferenceModel.Sequence state = new(model, on);
            return [.. tokens.Zip(tokens.Skip(1), (from, to) => on.LogProb(state.Logits(state.Next(from)), to))];
        }
    }

    [Fact]
    public void The_nucleus_is_the_smallest_prefix_that_reaches_its_mass()
    {
        double[] logits = [.. new[] { 0.1, 0.4, 0.3, 0.2 }.Select(p => Math.Log(p))];
        Check([0, 4 / 7.0, 3 / 7.0, 0], new SamplingOptions { TopP = 0.69 });
        Check([0, 4 / 9.0, 3 / 9.0, 2 / 9.0], new SamplingOptions { TopP = 0.71 });
        Check([0, 1, 0, 0], new SamplingOptions { TopP = 0.01 });
        Check([0.1, 0.4, 0.3, 0.2], new SamplingOptions());
        Check([0, 4 / 7.0, 3 / 7.0, 0], new SamplingOptions { TopK = 2 });
        Check([0, 1, 0, 0], new SamplingOptions { TopK = 2, TopP = 0.55 });
        Check([0, 4 / 7.0, 3 / 7.0, 0], new SamplingOptions { MinP = 0.6 });
        Check([0, 1, 0, 0], new SamplingOptions { Temperature = 0 });
        Check([.. new[] { 1.0, 16, 9, 4 }.Select(x => x / 30)], new SamplingOptions { Temperature = 0.5 });

        void Check(double[] expected, SamplingOptions options) =>
            Near.Tensor(options.ToString(), expected, ReferenceSampler.Distribution(logits, options), 1e-12);
    }

    [Fact]
    public void A_draw_walks_the_ids_in_order()
    {
        double[] p = [0, 0.25, 0, 0.5, 0.25];
        Assert.Equal([1, 1, 3, 3, 4, 4], ((double[])[0, 0.2499, 0.25, 0.7499, 0.75, 0.9999]).Select(u => ReferenceSampler.Draw(p, u)));
    }
}
