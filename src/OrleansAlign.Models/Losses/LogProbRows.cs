using OrleansAlign.Models.Engines;

namespace OrleansAlign.Models.Losses;

/// <summary>Operations of all losses on a batch's log-probs: checks of their lengths, and sums over the ones that count.</summary>
internal static class LogProbRows
{
    /// <exception cref="ArgumentException">A row of log-probs, gradients or the mask has another length than its sequence's completion.</exception>
    public static void Check(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
    {
        if (logProbs.Count != batch.Sequences.Count || gradients.Count != batch.Sequences.Count)
        {
            throw new ArgumentException(
                $"{batch.Sequences.Count} sequences came with {logProbs.Count} rows of log-probs and {gradients.Count} of gradients",
                nameof(logProbs));
        }

        for (int i = 0; i < logProbs.Count; i++)
        {
            int length = batch.Sequences[i].CompletionLength;
            bool[]? trained = batch.Sequences[i].Trained;
            if (logProbs[i].Length != length || gradients[i].Length != length || (trained is not null && trained.Length != length))
            {
                throw new ArgumentException(
                    $"sequence {i} has {length} tokens after its prompt, but {logProbs[i].Length} log-probs, {gradients[i].Length} gradients"
                    + (trained is null ? "" : $" and a mask of {trained.Length}"), nameof(logProbs));
            }
        }
    }

    public static bool Counts(TokenSequence sequence, int j) => sequence.Trained is null || sequence.Trained[j];

    /// <summary>Sum and number of the log-probs that count.</summary>
    public static (double Sum, int Tokens) Sum(TokenSequence sequence, float[] logProbs)
    {
        double sum = 0;
        int tokens = 0;
        for (int j = 0; j < logProbs.Length; j++)
        {
            if (!Counts(sequence, j)) continue;
            sum += logProbs[j];
            tokens++;
        }

        return (sum, tokens);
    }

    /// <summary>Adds <paramref name="slope"/> to the gradient of every log-prob that counts.</summary>
    public static void AddSlope(TokenSequence sequence, float[] gradients, double slope)
    {
        for (int j = 0; j < gradients.Length; j++)
        {
            if (Counts(sequence, j)) gradients[j] += (float)slope;
        }
    }
}
