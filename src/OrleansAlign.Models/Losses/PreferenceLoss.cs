using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses.Preferences;

namespace OrleansAlign.Models.Losses;

/// <summary>A preference loss on a batch of pairs, averaged over pairs: the part that all kinds share.</summary>
/// <remarks>
/// The batch holds chosen₀, rejected₀, chosen₁, rejected₁, …. ℓ is the sum (or mean) over the response's tokens that count; of an empty response it
/// is 0. Rewards are β(ℓπ − ℓref), or βℓπ where the loss needs no reference; accuracy is the share of pairs whose chosen reward is strictly higher.
/// </remarks>
public sealed class PreferenceLoss : IObjective
{
    private readonly PreferenceLossOptions options;
    private readonly IPreferenceLoss loss;
    private readonly IReadOnlyList<ReferenceLogProbs>? references;

    /// <summary>A loss for one batch.</summary>
    /// <param name="options">Kind and strengths.</param>
    /// <param name="references">The reference's log-prob sums, one entry per pair; sums also where <see cref="PreferenceLossOptions.AverageLogProbs"/> is on.
    /// Not read, and may be null, where <see cref="PreferenceLossOptions.NeedsReference"/> is false.</param>
    /// <exception cref="ArgumentException">The options have problems, or reference log-probs that the loss needs are missing or not finite.</exception>
    public PreferenceLoss(PreferenceLossOptions options, IReadOnlyList<ReferenceLogProbs>? references)
        : this(options, PreferenceLossTable.Create(Checked(options)), references)
    {
    }

    /// <summary>A loss for one batch, by a loss function that need not be in the table.</summary>
    internal PreferenceLoss(PreferenceLossOptions options, IPreferenceLoss loss, IReadOnlyList<ReferenceLogProbs>? references)
    {
        (this.options, this.loss) = (options, loss);
        if (!loss.NeedsReference) return;
        if (references is null) throw new ArgumentException($"the {options.Kind} loss compares with a reference; give its log-probs", nameof(references));
        this.references = references;
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
        PairLogProbs[] pairs = Pairs(batch, logProbs);
        PairLoss[] losses = Losses(pairs);
        double preference = 0, sft = 0, right = 0;
        double rewardChosen = 0, rewardRejected = 0, logpChosen = 0, logpRejected = 0, lengthChosen = 0, lengthRejected = 0;
        for (int p = 0; p < pairs.Length; p++)
        {
            (ResponseLogProbs chosen, ResponseLogProbs rejected) = pairs[p];
            double sftSlope = 0;
            if (chosen.Tokens > 0)
            {
                sft -= chosen.PolicySum / chosen.Tokens;
                sftSlope = -options.SftWeight / chosen.Tokens;
            }

            preference += losses[p].Value;
            LogProbRows.AddSlope(batch.Sequences[2 * p], gradients[2 * p], ((losses[p].ChosenSlope * chosen.Weight) + sftSlope) / pairs.Length);
            LogProbRows.AddSlope(batch.Sequences[(2 * p) + 1], gradients[(2 * p) + 1], losses[p].RejectedSlope * rejected.Weight / pairs.Length);

            rewardChosen += options.Beta * chosen.LogRatio;
            rewardRejected += options.Beta * rejected.LogRatio;
            if (chosen.LogRatio > rejected.LogRatio) right++;
            logpChosen += chosen.Policy;
            logpRejected += rejected.Policy;
            lengthChosen += chosen.Tokens;
            lengthRejected += rejected.Tokens;
        }

        double n = Math.Max(1, pairs.Length);
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
    }

    private static PreferenceLossOptions Checked(PreferenceLossOptions options)
    {
        string problems = string.Join("; ", options.Problems());
        return problems.Length == 0 ? options : throw new ArgumentException(problems, nameof(options));
    }

    private PairLogProbs[] Pairs(TrainingBatch batch, IReadOnlyList<float[]> logProbs)
    {
        int pairs = references?.Count ?? (batch.Sequences.Count / 2);
        if (batch.Sequences.Count != 2 * pairs)
        {
            throw new ArgumentException(
                $"{pairs} pairs {(references is null ? "" : "of reference log-probs ")}came with {batch.Sequences.Count} sequences; "
                + "chosen and rejected alternate", nameof(batch));
        }

        return [.. Enumerable.Range(0, pairs).Select(p =>
        {
            ReferenceLogProbs reference = references?[p] ?? default;
            return new PairLogProbs(Response(2 * p, reference.Chosen), Response((2 * p) + 1, reference.Rejected));
        })];

        ResponseLogProbs Response(int i, double reference)
        {
            (double sum, int tokens) = LogProbRows.Sum(batch.Sequences[i], logProbs[i]);
            return new ResponseLogProbs(sum, reference, tokens, !options.AverageLogProbs ? 1 : tokens == 0 ? 0 : 1.0 / tokens);
        }
    }

    private PairLoss[] Losses(PairLogProbs[] pairs)
    {
        var losses = new PairLoss[pairs.Length];
        loss.Evaluate(pairs, losses);
        double e = options.LabelSmoothing;
        if (e == 0) return losses;
        var flipped = new PairLoss[pairs.Length];
        loss.Evaluate([.. pairs.Select(p => p.Swapped)], flipped);

        // In a flipped pair the chosen response takes the place of the rejected one, so its slope is the rejected slope.
        return [.. losses.Zip(flipped, (l, f) => new PairLoss(
            ((1 - e) * l.Value) + (e * f.Value), ((1 - e) * l.ChosenSlope) + (e * f.RejectedSlope), ((1 - e) * l.RejectedSlope) + (e * f.ChosenSlope)))];
    }
}
