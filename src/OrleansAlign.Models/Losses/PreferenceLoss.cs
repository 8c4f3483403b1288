using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses.Preferences;

namespace OrleansAlign.Models.Losses;

/// <summary>A preference loss on a batch of pairs, averaged over pairs: the part that all kinds share.</summary>
/// <remarks>
/// The batch holds chosen₀, rejected₀, chosen₁, rejected₁, …. ℓ is the sum (or mean) over the response's tokens that count; of an empty response it
/// is 0. Rewards are β(ℓπ − ℓref); accuracy is the share of pairs whose chosen reward is strictly higher.
/// </remarks>
public sealed class PreferenceLoss : IObjective
{
    private readonly PreferenceLossOptions options;
    private readonly MarginLoss loss;
    private readonly IReadOnlyList<ReferenceLogProbs> references;

    /// <summary>A loss for one batch.</summary>
    /// <param name="options">Kind and strengths.</param>
    /// <param name="references">The reference's log-prob sums, one entry per pair; sums also where <see cref="PreferenceLossOptions.AverageLogProbs"/> is
    /// on.</param>
    /// <exception cref="ArgumentException">The options have problems, or a reference log-prob is not finite.</exception>
    public PreferenceLoss(PreferenceLossOptions options, IReadOnlyList<ReferenceLogProbs> references)
    {
        string problems = string.Join("; ", options.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(options));
        (this.options, this.references, loss) = (options, references, MarginLoss.Of(options));
        for (int p = 0; p < references.Count; p++)
        {
            if (!double.IsFinite(references[p].Chosen) || !double.IsFinite(references[p].Rejected))
            {
                throw new ArgumentException(
                    $"pair {p} has the reference log-probs {references[p].Chosen} and {references[p].Rejected}; they must be finite",
                    nameof(references));
            }
        }
    }

    /// <inheritdoc/>
    public ObjectiveValue Evaluate(TrainingBatch batch, IReadOnlyList<float[]> logProbs, IReadOnlyList<float[]> gradients)
    {
        LogProbRows.Check(batch, logProbs, gradients);
        int pairs = references.Count;
        if (batch.Sequences.Count != 2 * pairs)
        {
            throw new ArgumentException(
                $"{pairs} pairs of reference log-probs came with {batch.Sequences.Count} sequences; chosen and rejected alternate", nameof(batch));
        }

        double preference = 0, sft = 0, right = 0;
        double rewardChosen = 0, rewardRejected = 0, logpChosen = 0, logpRejected = 0, lengthChosen = 0, lengthRejected = 0;
        for (int p = 0; p < pairs; p++)
        {
            ResponseLogProbs chosen = Response(2 * p, references[p].Chosen), rejected = Response((2 * p) + 1, references[p].Rejected);
            (double value, double slope) = Smoothed(chosen.LogRatio - rejected.LogRatio);
            double sftSlope = 0;
            if (chosen.Tokens > 0)
            {
                sft -= chosen.PolicySum / chosen.Tokens;
                sftSlope = -options.SftWeight / chosen.Tokens;
            }

            preference += value;
            LogProbRows.AddSlope(batch.Sequences[2 * p], gradients[2 * p], ((slope * chosen.Weight) + sftSlope) / pairs);
            LogProbRows.AddSlope(batch.Sequences[(2 * p) + 1], gradients[(2 * p) + 1], -slope * rejected.Weight / pairs);

            rewardChosen += options.Beta * chosen.LogRatio;
            rewardRejected += options.Beta * rejected.LogRatio;
            if (chosen.LogRatio > rejected.LogRatio) right++;
            logpChosen += chosen.Policy;
            logpRejected += rejected.Policy;
            lengthChosen += chosen.Tokens;
            lengthRejected += rejected.Tokens;
        }

        double n = Math.Max(1, pairs);
        return new ObjectiveValue((preference + (options.SftWeight * sft)) / n, new Dictionary<string, double>
        {
            ["loss/preference"] = preference / n,
            ["loss/sft"] = sft / n,
            ["rewards/chosen"] = rewardChosen / n,
            ["rewards/rejected"] = rewardRejected / n,
            ["rewards/accuracies"] = right / n,
            ["rewards/margins"] = (rewardChosen - rewardRejected) / n,
            ["logps/chosen"] = logpChosen / n,
            ["logps/rejected"] = logpRejected / n,
            ["tokens/chosen_length"] = lengthChosen / n,
            ["tokens/rejected_length"] = lengthRejected / n,
        });

        ResponseLogProbs Response(int i, double reference)
        {
            (double sum, int tokens) = LogProbRows.Sum(batch.Sequences[i], logProbs[i]);
            return new ResponseLogProbs(sum, reference, tokens, !options.AverageLogProbs ? 1 : tokens == 0 ? 0 : 1.0 / tokens);
        }
    }

    /// <summary>The loss at margin <paramref name="h"/> and its slope, with label smoothing: a flipped pair has the margin −h.</summary>
    private (double Value, double Slope) Smoothed(double h)
    {
        (double value, double slope) = loss.OfMargin(h);
        double e = options.LabelSmoothing;
        if (e == 0) return (value, slope);
        (double flippedValue, double flippedSlope) = loss.OfMargin(-h);
        return (((1 - e) * value) + (e * flippedValue), ((1 - e) * slope) - (e * flippedSlope));
    }

    /// <summary>Log-probs of one response.</summary>
    /// <param name="PolicySum">The policy's log-probs, summed over the tokens that count.</param>
    /// <param name="ReferenceSum">The reference's log-probs, summed over the same tokens.</param>
    /// <param name="Tokens">Number of tokens that count, 0 or more.</param>
    /// <param name="Weight">Factor of the sums: 1, or 1 / <paramref name="Tokens"/> where log-probs are means (0 for an empty response).</param>
    private readonly record struct ResponseLogProbs(double PolicySum, double ReferenceSum, int Tokens, double Weight)
    {
        /// <summary>ℓπ, the variable of the loss's slopes.</summary>
        public double Policy => Weight * PolicySum;

        /// <summary>ℓπ − ℓref; times β it is the response's implicit reward.</summary>
        public double LogRatio => Weight * (PolicySum - ReferenceSum);
    }
}
