using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Models.Tests.Losses;

/// <summary>Small batches whose log-probs are given directly, as an engine would give them.</summary>
internal static class Objectives
{
    /// <summary>A batch with one-token prompts whose completions have as many tokens as there are log-probs.</summary>
    public static TrainingBatch Batch(params float[][] logProbs) => new([.. logProbs.Select(row => new TokenSequence(new int[row.Length + 1], 1))]);

    public static (ObjectiveValue Value, float[][] Gradients) Evaluate(IObjective objective, TrainingBatch batch, params float[][] logProbs)
    {
        float[][] gradients = [.. logProbs.Select(row => new float[row.Length])];
        return (objective.Evaluate(batch, logProbs, gradients), gradients);
    }

    /// <summary>Asserts that every gradient is the loss's central difference.</summary>
    public static void AssertGradients(IObjective objective, TrainingBatch batch, params float[][] logProbs)
    {
        // A power of two, so that a log-prob moved by it in float32 is moved by exactly it.
        const float Step = 1f / 512;
        (_, float[][] gradients) = Evaluate(objective, batch, logProbs);
        for (int i = 0; i < logProbs.Length; i++)
        {
            for (int j = 0; j < logProbs[i].Length; j++)
            {
                double up = Moved(i, j, Step), down = Moved(i, j, -Step);
                double expected = (up - down) / (2 * Step);
                Assert.Equal(expected, gradients[i][j], 2e-5 * Math.Max(1, Math.Abs(expected)));
            }
        }

        double Moved(int i, int j, float by)
        {
            float[][] moved = [.. logProbs.Select(row => row.ToArray())];
            moved[i][j] += by;
            return Evaluate(objective, batch, moved).Value.Loss;
        }
    }
}
