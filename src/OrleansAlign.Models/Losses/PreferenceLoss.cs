using OrleansAlign.Models.Engines;

namespace OrleansAlign.Models.Losses;

/// <summary>DPO and its kin: a loss on h = (ℓπ⁺ − ℓπ⁻) − (ℓref⁺ − ℓref⁻), averaged over pairs.</summary>
/// <remarks>
/// The batch holds chosen₀, rejected₀, chosen₁, rejected₁, …. ℓ is the sum (or mean) over the response's tokens that count; of an empty response it
/// is 0. Rewards are β(ℓπ − ℓref), accuracy the share of pairs whose chosen reward is strictly higher. Self-play (SPIN, 2401.01335, eq. 4.7) is the
/// sigmoid kind with the real response as chosen, the generated one as rejected and λ as β.
/// </remarks>
public sealed class PreferenceLoss : IObjective
{
    private readonly PreferenceLossOptions options;
    private readonly IReadOnlyList<ReferenceLogProbs> references;

    /// <summary>A loss for one batch.</summary>
    /// <param name="options">Kind and strengths.</param>
    /// <param name="references">The reference's log-prob sums, one entry per pair; sums also where
    /// <see cref="PreferenceLossOptions.AverageLogProbs"/> is on.</param>
    /// <exception cref="ArgumentException">The options have problems, or a reference log-prob is not finite.</exception>
    public PreferenceLoss(PreferenceLossOptions options, IReadOnlyList<ReferenceLogProbs> references)
    {
        string problems = string.Join("; ", options.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(options));
        for (int p = 0; p < references.Count; p++)
        {
            if (!double.IsFinite(references[p].Chosen) || !double.IsFinite(references[p].Rejected))
            {
                throw new ArgumentException(
                    $"pair {p} has the reference log-probs {references[p].Chosen} and {references[p].Rejected}; they must be finite",
                    nameof(references));
            }
        }

        this.options = options;
        this.references = references;
    }

    /// <summary>The loss of one pair with margin <paramref name="h"/>, and its slope ∂L/∂h. At the hinge's kink the slope is that of the flat
    /// side.</summary>
    public static (double Loss, double Slope) OfMargin(PreferenceLossOptions options, double h)
    {
        (double loss, double slope) = Unsmoothed(options, h);
        if (options.LabelSmoothing == 0) return (loss, slope);
        (double flipped, double flippedSlope) = Unsmoothed(options, -h);
        double e = options.LabelSmoothing;
        return (((1 - e) * loss) + (e * flipped), ((1 - e) * slope) - (e * flippedSlope));
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
            TokenSequence chosen = batch.Sequences[2 * p], rejected = batch.Sequences[(2 * p) + 1];
            (double sumChosen, int tokensChosen) = LogProbRows.Sum(chosen, logProbs[2 * p]);
            (double sumRejected, int tokensRejected) = LogProbRows.Sum(rejected, logProbs[(2 * p) + 1]);
            double perChosen = Weight(tokensChosen), perRejected = Weight(tokensRejected);
            double gainChosen = perChosen * (sumChosen - references[p].Chosen), gainRejected = perRejected * (sumRejected - references[p].Rejected);

            (double loss, double slope) = OfMargin(options, gainChosen - gainRejected);
            preference += loss;
            double sftSlope = 0;
            if (tokensChosen > 0)
            {
                sft -= sumChosen / tokensChosen;
                sftSlope = -options.SftWeight / tokensChosen;
            }

            LogProbRows.AddSlope(chosen, gradients[2 * p], ((slope * perChosen) + sftSlope) / pairs);
            LogProbRows.AddSlope(rejected, gradients[(2 * p) + 1], -slope * perRejected / pairs);

            rewardChosen += options.Beta * gainChosen;
            rewardRejected += options.Beta * gainRejected;
            if (gainChosen > gainRejected) right++;
            logpChosen += perChosen * sumChosen;
            logpRejected += perRejected * sumRejected;
            lengthChosen += tokensChosen;
            lengthRejected += tokensRejected;
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
    }

    private static (double Loss, double Slope) Unsmoothed(PreferenceLossOptions options, double h)
    {
        double beta = options.Beta;
        switch (options.Kind)
        {
            case PreferenceLossKind.Sigmoid:
                // −log σ(x) = log(1 + e⁻ˣ) = max(0, −x) + log(1 + e^−|x|), which neither overflows nor loses the small tail; σ(−x) likewise.
                double x = beta * h, tail = Math.Exp(-Math.Abs(x));
                double sigmoidOfMinus = x >= 0 ? tail / (1 + tail) : 1 / (1 + tail);
                return (Math.Max(0, -x) + LogOnePlus(tail), -beta * sigmoidOfMinus);
            case PreferenceLossKind.Hinge:
                double gap = 1 - (beta * h);
                return gap > 0 ? (gap, -beta) : (0, 0);
            default:
                double distance = h - (1 / (2 * beta));
                return (distance * distance, 2 * distance);
        }
    }

    /// <summary>log(1 + x) for x in [0, 1], exact also where 1 + x rounds to 1 (Goldberg 1991, theorem 4).</summary>
    private static double LogOnePlus(double x)
    {
        double y = 1 + x;
        return y == 1 ? x : Math.Log(y) * x / (y - 1);
    }

    private double Weight(int tokens) => !options.AverageLogProbs ? 1 : tokens == 0 ? 0 : 1.0 / tokens;
}
