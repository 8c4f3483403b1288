using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Models.Tests.Losses;

public sealed class PreferenceLossTests
{
    public static TheoryData<PreferenceLossKind> Kinds => [.. Enum.GetValues<PreferenceLossKind>()];

    // One pair: ℓπ⁺ = −3, ℓπ⁻ = −4, reference −3.5 and −2.5, hence h = (−3 + 4) − (−3.5 + 2.5) = 2.
    private static readonly float[][] rows = [[-1, -2], [-4, 0, 0, 0]];
    private static readonly ReferenceLogProbs[] reference = [new(-3.5, -2.5)];

    [Theory]
    [InlineData(PreferenceLossKind.Sigmoid, 0, 0.5981388693815918, -0.045016600268752216)] // ln(1 + e^−0.2); −0.1 / (1 + e^0.2)
    [InlineData(PreferenceLossKind.Hinge, 0, 0.8, -0.1)] // 1 − 0.2
    [InlineData(PreferenceLossKind.Ipo, 0, 9, -6)] // (2 − 5)²
    [InlineData(PreferenceLossKind.Sigmoid, 0.25, 0.6481388693815918, -0.020016600268752215)] // + ε · 0.2, as L(−h) − L(h) = βh
    [InlineData(PreferenceLossKind.Hinge, 0.25, 0.9, -0.05)] // 0.75 · 0.8 + 0.25 · 1.2
    [InlineData(PreferenceLossKind.Ipo, 0.25, 19, -1)] // 0.75 · 9 + 0.25 · 49; 0.75 · −6 − 0.25 · −14
    public void One_pair_has_the_loss_and_slope_worked_by_hand(PreferenceLossKind kind, double smoothing, double expected, double slope)
    {
        var options = new PreferenceLossOptions { Kind = kind, LabelSmoothing = smoothing };
        Assert.Equal((expected, slope), PreferenceLoss.OfMargin(options, 2), Near);
        (ObjectiveValue value, float[][] gradients) = Objectives.Evaluate(new PreferenceLoss(options, reference), Objectives.Batch(rows), rows);
        Assert.Equal(expected, value.Loss, 12);
        Assert.All(gradients[0], g => Assert.Equal(slope, g, 6));
        Assert.All(gradients[1], g => Assert.Equal(-slope, g, 6));
    }

    [Fact]
    public void Metrics_are_worked_by_hand()
    {
        (ObjectiveValue value, _) =
            Objectives.Evaluate(new PreferenceLoss(new PreferenceLossOptions { SftWeight = 2 }, reference), Objectives.Batch(rows), rows);
        Dictionary<string, double> expected = new()
        {
            ["loss/preference"] = 0.5981388693815918,
            ["loss/sft"] = 1.5,
            ["rewards/chosen"] = 0.05,
            ["rewards/rejected"] = -0.15,
            ["rewards/accuracies"] = 1,
            ["rewards/margins"] = 0.2,
            ["logps/chosen"] = -3,
            ["logps/rejected"] = -4,
            ["tokens/chosen_length"] = 2,
            ["tokens/rejected_length"] = 4,
        };
        Assert.Equal(expected.Keys.Order(), value.Metrics.Keys.Order());
        Assert.All(expected, e => Assert.Equal(e.Value, value.Metrics[e.Key], 12));
        Assert.Equal(0.5981388693815918 + (2 * 1.5), value.Loss, 12);
    }

    [Fact]
    public void Averaged_log_probs_divide_policy_and_reference_by_the_length()
    {
        // h = (−3/2 + 3.5/2) − (−4/4 + 2.5/4) = 0.25 + 0.375
        var options = new PreferenceLossOptions { Kind = PreferenceLossKind.Ipo, Beta = 0.5, AverageLogProbs = true };
        (ObjectiveValue value, float[][] gradients) = Objectives.Evaluate(new PreferenceLoss(options, reference), Objectives.Batch(rows), rows);
        Assert.Equal(0.375 * 0.375, value.Loss, 12);
        Assert.All(gradients[0], g => Assert.Equal(-0.375f, g, 6));
        Assert.All(gradients[1], g => Assert.Equal(0.1875f, g, 6));
        Assert.Equal(-1.5, value.Metrics["logps/chosen"], 12);
        Assert.Equal(-1, value.Metrics["logps/rejected"], 12);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Where_policy_and_reference_agree_all_rewards_are_0(PreferenceLossKind kind)
    {
        foreach (double beta in (double[])[0.1, 0.5, 2])
        {
            double expected = kind switch { PreferenceLossKind.Sigmoid => Math.Log(2), PreferenceLossKind.Hinge => 1, _ => 1 / (4 * beta * beta) };
            var loss = new PreferenceLoss(new PreferenceLossOptions { Kind = kind, Beta = beta }, [new(-3, -4)]);
            (ObjectiveValue value, float[][] gradients) = Objectives.Evaluate(loss, Objectives.Batch(rows), rows);
            Assert.Equal(expected, value.Loss, 12);
            Assert.All(
                (string[])["rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies"], m => Assert.Equal(0, value.Metrics[m]));
            Assert.All(gradients[0], g => Assert.True(g < 0));
        }
    }

    [Fact]
    public void Swapping_chosen_and_rejected_changes_the_sigmoid_loss_by_the_scaled_margin()
    {
        var options = new PreferenceLossOptions { Beta = 0.3 };
        double straight = Objectives.Evaluate(new PreferenceLoss(options, reference), Objectives.Batch(rows), rows).Value.Loss;
        float[][] swapped = [rows[1], rows[0]];
        double crossed = Objectives.Evaluate(new PreferenceLoss(options, [new(-2.5, -3.5)]), Objectives.Batch(swapped), swapped).Value.Loss;
        Assert.Equal(0.3 * 2, crossed - straight, 12);
    }

    [Fact]
    public void The_sigmoid_slope_is_minus_beta_sigma_of_minus_beta_h()
    {
        for (double h = -30; h <= 30; h += 0.37)
        {
            double slope = PreferenceLoss.OfMargin(new PreferenceLossOptions { Beta = 0.7 }, h).Slope;
            Assert.Equal(-0.7 / (1 + Math.Exp(0.7 * h)), slope, 12);
        }
    }

    [Fact]
    public void Margins_of_any_size_give_finite_numbers()
    {
        var options = new PreferenceLossOptions { Beta = 1 };
        Assert.Equal((1e6, -1.0), PreferenceLoss.OfMargin(options, -1e6));
        Assert.Equal((0.0, 0.0), PreferenceLoss.OfMargin(options, 1e6), (a, b) => a.Item1 == b.Item1 && a.Item2 == -b.Item2);
        double tail = PreferenceLoss.OfMargin(options, 50).Loss;
        Assert.Equal(1, tail / Math.Exp(-50), 12);
    }

    [Fact]
    public void The_hinge_is_flat_from_its_kink_on()
    {
        var options = new PreferenceLossOptions { Kind = PreferenceLossKind.Hinge, Beta = 0.5 };
        Assert.Equal((0.0, 0.0), PreferenceLoss.OfMargin(options, 2));
        Assert.Equal((0.0, 0.0), PreferenceLoss.OfMargin(options, 3));
        Assert.Equal((0.5, -0.5), PreferenceLoss.OfMargin(options, 1));
    }

    [Fact]
    public void Ipo_is_0_at_its_target_margin() =>
        Assert.Equal((0.0, 0.0), PreferenceLoss.OfMargin(new PreferenceLossOptions { Kind = PreferenceLossKind.Ipo, Beta = 0.25 }, 2));

    [Fact]
    public void The_batch_s_loss_is_the_mean_of_its_pairs()
    {
        var options = new PreferenceLossOptions { SftWeight = 0.5 };
        float[][] other = [[-7], [-1, -1, -1]];
        float[][] both = [.. rows, .. other];
        double first = Objectives.Evaluate(new PreferenceLoss(options, reference), Objectives.Batch(rows), rows).Value.Loss;
        double second = Objectives.Evaluate(new PreferenceLoss(options, [new(-5, -5)]), Objectives.Batch(other), other).Value.Loss;
        ObjectiveValue value = Objectives.Evaluate(new PreferenceLoss(options, [reference[0], new(-5, -5)]), Objectives.Batch(both), both).Value;
        Assert.Equal((first + second) / 2, value.Loss, 12);
        Assert.Equal(0.5, value.Metrics["rewards/accuracies"]);
    }

    [Fact]
    public void An_empty_response_counts_0_and_not_NaN()
    {
        foreach (bool average in (bool[])[false, true])
        {
            float[][] empty = [[], [-2]];
            var loss = new PreferenceLoss(new PreferenceLossOptions { SftWeight = 1, AverageLogProbs = average }, [new(0, -2)]);
            (ObjectiveValue value, float[][] gradients) = Objectives.Evaluate(loss, Objectives.Batch(empty), empty);
            Assert.Equal(Math.Log(2), value.Loss, 12);
            Assert.All(value.Metrics.Values, m => Assert.True(double.IsFinite(m)));
            Assert.Equal(0.05f, gradients[1][0], 6);
        }

        Assert.Equal(0, Objectives.Evaluate(new PreferenceLoss(new PreferenceLossOptions(), []), new TrainingBatch([])).Value.Loss);
    }

    [Fact]
    public void Masked_tokens_have_no_part_in_it()
    {
        float[][] longer = [[-1, -100, -2], [-4, 0, 0, 0]];
        TrainingBatch batch = Objectives.Batch(longer);
        batch = new TrainingBatch([batch.Sequences[0] with { Trained = [true, false, true] }, batch.Sequences[1]]);
        var loss = new PreferenceLoss(new PreferenceLossOptions { SftWeight = 1, AverageLogProbs = true }, reference);
        (ObjectiveValue masked, float[][] gradients) = Objectives.Evaluate(loss, batch, longer);
        Assert.Equal(Objectives.Evaluate(loss, Objectives.Batch(rows), rows).Value.Loss, masked.Loss, 12);
        Assert.Equal(0, gradients[0][1]);
        Assert.NotEqual(0, gradients[0][0]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_gradient_is_the_central_difference(PreferenceLossKind kind)
    {
        float[][] logProbs = [[-1, -2.5f], [-4, -0.5f, -0.25f], [-3, -1, -2], []];
        ReferenceLogProbs[] references = [new(-3, -5), new(-5.5, -0.5)];
        foreach (double smoothing in (double[])[0, 0.2])
        {
            foreach (bool average in (bool[])[false, true])
            {
                var options =
                    new PreferenceLossOptions { Kind = kind, Beta = 0.4, LabelSmoothing = smoothing, SftWeight = 0.3, AverageLogProbs = average };
                Objectives.AssertGradients(new PreferenceLoss(options, references), Objectives.Batch(logProbs), logProbs);
            }
        }
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1.0)]
    public void Self_play_is_the_sigmoid_loss_with_lambda_as_beta(double lambda)
    {
        // SPIN's own formula: ℓ(λ log(πθ(y)/πt(y)) − λ log(πθ(y′)/πt(y′))) with ℓ(t) = log(1 + e⁻ᵗ); y real, y′ generated.
        double spin = Math.Log(1 + Math.Exp(-((lambda * (-3 - -3.5)) - (lambda * (-4 - -2.5)))));
        Assert.Equal(spin, Objectives.Evaluate(
            new PreferenceLoss(new PreferenceLossOptions { Beta = lambda }, reference), Objectives.Batch(rows), rows).Value.Loss, 12);
    }

    [Fact]
    public void Options_report_every_problem_with_its_key()
    {
        var options = new PreferenceLossOptions { Kind = (PreferenceLossKind)7, Beta = double.NaN, LabelSmoothing = 0.5, SftWeight = -1 };
        Assert.Equal(
            [
                "kind is 7; it must be sigmoid, hinge or ipo",
                "beta is NaN; it must be a number above 0",
                "label-smoothing is 0.5; it must be 0 or more and below 0.5",
                "sft-weight is -1; it must be 0 or more",
            ],
            options.Problems());
        Assert.Throws<ArgumentException>(() => new PreferenceLoss(options, []));
        Assert.Empty(new PreferenceLossOptions().Problems());
    }

    [Fact]
    public void References_that_do_not_fit_are_misuse()
    {
        Assert.Throws<ArgumentException>(() => new PreferenceLoss(new PreferenceLossOptions(), [new(double.NaN, 0)]));
        Assert.Throws<ArgumentException>(
            () => Objectives.Evaluate(new PreferenceLoss(new PreferenceLossOptions(), [.. reference, .. reference]), Objectives.Batch(rows), rows));
        Assert.Throws<ArgumentException>(
            () => Objectives.Evaluate(new PreferenceLoss(new PreferenceLossOptions(), reference), Objectives.Batch(rows[0]), rows[0]));
    }

    private static bool Near((double Loss, double Slope) a, (double Loss, double Slope) b) =>
        Math.Abs(a.Loss - b.Loss) < 1e-12 && Math.Abs(a.Slope - b.Slope) < 1e-12;
}
