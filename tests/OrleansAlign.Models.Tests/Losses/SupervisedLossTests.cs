using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Models.Tests.Losses;

public sealed class SupervisedLossTests
{
    private static readonly SupervisedLoss loss = new();

    [Fact]
    public void The_mean_is_over_tokens_not_over_sequences()
    {
        float[][] rows = [[-1, -2, -3], [-6]];
        (ObjectiveValue value, float[][] gradients) = Objectives.Evaluate(loss, Objectives.Batch(rows), rows);
        Assert.Equal(3, value.Loss, 12);
        Assert.Equal(4, value.Metrics["tokens"]);
        Assert.Equal(3, value.Metrics["loss"], 12);
        Assert.Equal(Math.Exp(3), value.Metrics["perplexity"], 10);
        Assert.All(gradients.SelectMany(g => g), g => Assert.Equal(-0.25f, g));
    }

    [Fact]
    public void Tokens_that_are_not_trained_have_no_part_in_it()
    {
        float[][] rows = [[-1, -2, -3], [-6]];
        TrainingBatch batch = Objectives.Batch(rows);
        batch = new TrainingBatch([batch.Sequences[0] with { Trained = [true, false, true] }, batch.Sequences[1] with { Trained = [false] }]);
        (ObjectiveValue value, float[][] gradients) = Objectives.Evaluate(loss, batch, rows);
        Assert.Equal(2, value.Loss, 12);
        Assert.Equal([-0.5f, 0f, -0.5f], gradients[0]);
        Assert.Equal([0f], gradients[1]);
    }

    [Fact]
    public void Without_a_trained_token_the_loss_is_0_and_not_NaN()
    {
        (ObjectiveValue value, float[][] gradients) =
            Objectives.Evaluate(loss, new TrainingBatch([new TokenSequence([1, 2], 1) { Trained = [false] }, new TokenSequence([1], 1)]), [-1], []);
        Assert.Equal(0, value.Loss);
        Assert.Equal(0, gradients[0][0]);
        Assert.All(value.Metrics.Values, m => Assert.True(double.IsFinite(m)));
        Assert.Equal(0, Objectives.Evaluate(loss, new TrainingBatch([])).Value.Loss);
    }

    [Fact]
    public void Accuracy_counts_only_tokens_that_no_other_can_beat()
    {
        float[][] rows = [[MathF.Log(0.51f), MathF.Log(0.49f), MathF.Log(0.9f), MathF.Log(0.1f)]];
        Assert.Equal(0.5, Objectives.Evaluate(loss, Objectives.Batch(rows), rows).Value.Metrics["accuracy_at_least"], 12);
    }

    [Fact]
    public void The_gradient_is_the_central_difference()
    {
        float[][] rows = [[-1, -2.5f, -0.125f], [-6], []];
        Objectives.AssertGradients(loss, Objectives.Batch(rows), rows);
    }

    [Fact]
    public void Rows_that_do_not_fit_are_misuse()
    {
        Assert.Throws<ArgumentException>(() => Objectives.Evaluate(loss, Objectives.Batch([-1f, -2f]), [-1f]));
        Assert.Throws<ArgumentException>(() => Objectives.Evaluate(loss, Objectives.Batch([-1f]), [-1f], [-1f]));
        Assert.Throws<ArgumentException>(
            () => Objectives.Evaluate(loss, new TrainingBatch([new TokenSequence([1, 2], 1) { Trained = [true, true] }]), [-1f]));
    }
}
