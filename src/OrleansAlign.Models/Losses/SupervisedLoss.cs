using OrleansAlign.Models.Engines;

namespace OrleansAlign.Models.Losses;

/// <summary>Next-token cross-entropy: −Σ log p / N over the N tokens of the batch that are trained on.</summary>
/// <remarks>
/// A mean over tokens, not over sequences: a long answer weighs more than a short one. A batch without a trained token has loss 0 and no gradient.
/// Metrics: <c>loss</c>; <c>tokens</c>, the N; <c>perplexity</c>, exp(loss); <c>accuracy_at_least</c>, the share of tokens with p above ½, which
/// greedy decoding certainly takes: a lower bound, since log-probs alone do not determine the accuracy.
/// </remarks>
public sealed class SupervisedLoss : IObjective
{
    /// <inheritdoc/>
    public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
    {
        LogProbRows.Check(batch, logProbs, gradients);
        double sum = 0;
        int tokens = 0, certain = 0;
        for (int i = 0; i < logProbs.Count; i++)
        {
            for (int j = 0; j < logProbs[i].Length; j++)
            {
                if (!LogProbRows.Counts(batch.Sequences[i], j)) continue;
                sum += logProbs[i][j];
                tokens++;
                if (logProbs[i][j] > -Math.Log(2)) certain++;
            }
        }

        double scale = tokens == 0 ? 0 : 1.0 / tokens;
        for (int i = 0; i < gradients.Count; i++) LogProbRows.AddSlope(batch.Sequences[i], gradients[i], -scale);
        double loss = tokens == 0 ? 0 : -sum * scale;
        return new ObjectiveValue(loss, new Dictionary<string, double>
        {
            ["loss"] = loss,
            ["tokens"] = tokens,
            ["perplexity"] = Math.Exp(loss),
            ["accuracy_at_least"] = certain * scale,
        });
    }
}
