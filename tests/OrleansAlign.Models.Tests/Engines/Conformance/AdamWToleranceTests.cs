using OrleansAlign.Models.Checkpoints;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Engines.Managed;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Models.Tests.Engines.Conformance;

/// <summary>The tolerance for float32 hides neither a wrong gradient in any tensor nor a wrong optimizer.</summary>
public sealed class AdamWToleranceTests
{
    public static TheoryData<string> Names => [.. ExpectedFixture.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Most_weights_are_held_to_a_hundredth_of_a_step_and_most_of_each_tensor_to_a_tenth(string name)
    {
        ExpectedFixture fixture = ExpectedFixture.Load(name);
        double step = fixture.Expected.Adamw.Lr;
        var tolerance = new AdamWTolerance(fixture.Expected.Adamw);
        List<double> all = [];
        foreach ((string tensor, float[] weights, float[] gradients) in Tensors(fixture))
        {
            double[] allowed = tolerance.Of(weights, gradients);
            Assert.True(allowed.Count(a => a < 0.1 * step) > 0.5 * allowed.Length, $"{name}: most of {tensor} is not held");
            all.AddRange(allowed);
        }

        Assert.True(all.Count(a => a < 0.01 * step) > 0.9 * all.Count, $"{name}: {all.Count(a => a >= 0.01 * step)} of {all.Count} weights are not held");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void One_step_s_gradient_off_by_a_percent_is_seen_in_whichever_tensor_it_is(string name)
    {
        ExpectedFixture fixture = ExpectedFixture.Load(name);
        string[] tensors = [.. Tensors(fixture).Select(t => t.Tensor)];
        for (int wrong = 0; wrong < tensors.Length; wrong++)
        {
            Assert.Contains(tensors[wrong], Refused(fixture, o => o, (state, step) =>
            {
                if (step != 1) return state;

                // The first moment after one step is (1 − β₁) g.
                float[][] moments = [.. state.FirstMoments];
                moments[wrong] = [.. moments[wrong].Select(m => 1.01f * m)];
                return state with { FirstMoments = moments };
            }));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_wrong_optimizer_is_seen_in_every_tensor_that_it_moves(string name)
    {
        ExpectedFixture fixture = ExpectedFixture.Load(name);
        ExpectedFixture.AdamW right = fixture.Expected.Adamw;
        int tensors = Tensors(fixture).Count(), matrices = fixture.Policy().Tensors.Count(t => t.Shape.Length > 1);
        Assert.Empty(Refused(fixture, o => o));
        Assert.Equal(tensors, Refused(fixture, o => o with { LearningRate = right.Lr * 1.01 }).Count);
        Assert.Equal(tensors, Refused(fixture, o => o with { Beta1 = right.Betas[0] - 0.01 }).Count);
        Assert.Equal(tensors, Refused(fixture, o => o with { Beta2 = right.Betas[1] - 0.01 }).Count);
        Assert.InRange(Refused(fixture, o => o with { WeightDecay = right.WeightDecay * 1.1 }).Count, matrices / 2, tensors);
        Assert.Equal(tensors, Refused(fixture, o => o with { Epsilon = 1e-3 }).Count);

        // No bias correction: every step is a first one.
        Assert.Equal(tensors, Refused(fixture, o => o, (state, _) => state with { Step = 0 }).Count);
    }

    /// <summary>Names of the tensors that are further off than allowed after a trajectory with other options, or a state changed after each step.</summary>
    private static List<string> Refused(
        ExpectedFixture fixture, Func<StepOptions, StepOptions> change, Func<OptimizerState, int, OptimizerState>? disturb = null)
    {
        ExpectedFixture.AdamW settings = fixture.Expected.Adamw;
        using var engine = new ManagedEngine(fixture.Policy());
        (TrainingBatch batch, IObjective objective) = fixture.AdamWObjective();
        for (int step = 1; step <= settings.Steps; step++)
        {
            engine.Step(batch, objective, change(settings.Options));
            if (disturb is not null) engine.ImportOptimizer(disturb(engine.ExportOptimizer(), step));
        }

        var tolerance = new AdamWTolerance(settings);
        return [.. Tensors(fixture).Zip(engine.ExportWeights().Tensors)
            .Where(t => tolerance.Worst(t.First.Weights, t.First.Gradients, t.Second.Data).Excess > 1).Select(t => t.First.Tensor)];
    }

    private static IEnumerable<(string Tensor, float[] Weights, float[] Gradients)> Tensors(ExpectedFixture fixture)
    {
        using SafeTensorsFile weights = fixture.Tensors("after_adamw.safetensors"), gradients = fixture.Tensors("gradients.safetensors");
        foreach ((string name, _) in fixture.Policy().Config.TensorShapes())
        {
            yield return (name, weights.Read(name).Data, gradients.Read($"{fixture.Expected.Adamw.Loss}.{name}").Data);
        }
    }
}
