using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Losses.Preferences;

namespace OrleansAlign.Models.Tests.Losses;

/// <summary>What all preference losses have in common: sums and means, smoothing, the SFT term, metrics, misuse.</summary>
public sealed class PreferenceLossTests
{
    public static TheoryData<PreferenceLossKind> Kinds => [.. Enum.GetValues<PreferenceLossKind>()];

    // One pair: ℓπ⁺ = −3, ℓπ⁻ = −4, reference −3.5 and −2.5, hence h = (−3 + 4) − (−3.5 + 2.5) = 2.
    private static readonly float[][] rows = [[-1, -2], [-4, 0, 0, 0]];
    private static readonly ReferenceLogProbs[] reference = [new(-3.5, -2.5)];

    [Theory]
    [InlineData(PreferenceLossKind.Sigmoid, typeof(SigmoidLoss))]
    [InlineData(PreferenceLossKind.Hinge, typeof(HingeLoss))]
    [InlineData(PreferenceLossKind.Ipo, typeof(IpoLoss))]
    public void A_recipe_s_name_finds_its_loss(PreferenceLossKind kind, Type loss) =>
        Assert.IsType(loss, MarginLoss.Of(new PreferenceLossOptions { Kind = kind }));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_name_has_a_loss(PreferenceLossKind kind) => Assert.Empty(new PreferenceLossOptions { Kind = kind }.Problems());

    /// <summary>Recorded from the implementation that trained the demo's policy: what a recipe trains may not depend on how losses are arranged.</summary>
    /// <remarks>The loss is compared in float32, since the last bit of exp and log in float64 is the C library's. Gradients are float32, as engines use
    /// them.</remarks>
    [Theory]
    [InlineData(PreferenceLossKind.Sigmoid, 0, 0, false, "3f17e6ca bd962504 3d962504 bd7799af 3d7799af")]
    [InlineData(PreferenceLossKind.Sigmoid, 0, 1, false, "400f934c be75bd2c 3d962504 be689116 3d7799af")]
    [InlineData(PreferenceLossKind.Sigmoid, 0.2, 0.3, false, "3f90eacb bdbf1ac6 3d3168bf bda4c29a 3cf970ce")]
    [InlineData(PreferenceLossKind.Sigmoid, 0.1, 0.7, true, "3fe76158 be0bfea2 3c765604 be091f7d 3cd3e043")]
    [InlineData(PreferenceLossKind.Hinge, 0.2, 0.3, false, "3fae8a72 be0f5c29 3db851ec be0f5c29 3db851ec")]
    [InlineData(PreferenceLossKind.Hinge, 0.1, 0.7, true, "40045879 be206d3a 3cf5c28f be206d3a 3d75c28f")]
    [InlineData(PreferenceLossKind.Ipo, 0, 1, false, "40374797 bfd77778 3fc22223 bf05f92c 3eb69d03")]
    [InlineData(PreferenceLossKind.Ipo, 0.1, 0.7, true, "404f3598 bf10b60b 3eac4444 bea147ae 3e9851ec")]
    public void The_numbers_are_what_they_always_were_to_the_bit(PreferenceLossKind kind, double smoothing, double sft, bool average, string lossAndSlopes)
    {
        float[][] logProbs = [[-1.1f, -2.5f, -0.3f], [-4, -0.7f, -0.25f, -0.9f], [-3, -1, -2], [-0.01f, -5.5f]];
        var options = new PreferenceLossOptions { Kind = kind, Beta = 0.3, LabelSmoothing = smoothing, SftWeight = sft, AverageLogProbs = average };
        (ObjectiveValue value, float[][] gradients) =
            Objectives.Evaluate(new PreferenceLoss(options, [new(-3.3, -5.1), new(-5.5, -3.7)]), Objectives.Batch(logProbs), logProbs);
        Assert.All(gradients, row => Assert.Single(row.Distinct()));
        IEnumerable<float> found = gradients.Select(row => row[0]).Prepend((float)value.Loss);
        Assert.Equal(lossAndSlopes, string.Join(' ', found.Select(x => $"{BitConverter.SingleToUInt32Bits(x):x8}")));
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
    [InlineData(PreferenceLossKind.Sigmoid, 0.6481388693815918, -0.020016600268752215)] // + ε · 0.2, as L(−h) − L(h) = βh
    [InlineData(PreferenceLossKind.Hinge, 0.9, -0.05)] // 0.75 · 0.8 + 0.25 · 1.2
    [InlineData(PreferenceLossKind.Ipo, 19, -1)] // 0.75 · 9 + 0.25 · 49; 0.75 · −6 − 0.25 · −14
    public void Label_smoothing_mixes_in_the_loss_of_the_pair_turned_round(PreferenceLossKind kind, double expected, double slope)
    {
        var options = new PreferenceLossOptions { Kind = kind, LabelSmoothing = 0.25 };
        (ObjectiveValue value, float[][] gradients) = Objectives.Evaluate(new PreferenceLoss(options, reference), Objectives.Batch(rows), rows);
        Assert.Equal(expected, value.Loss, 12);
        Assert.All(gradients[0], g => Assert.Equal(slope, g, 6));
        Assert.All(gradients[1], g => Assert.Equal(-slope, g, 6));
    }

    [Fact]
    public void Where_policy_and_reference_agree_all_rewards_are_0()
    {
        (ObjectiveValue value, float[][] gradients) =
            Objectives.Evaluate(new PreferenceLoss(new PreferenceLossOptions(), [new(-3, -4)]), Objectives.Batch(rows), rows);
        Assert.All((string[])["rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies"], m => Assert.Equal(0, value.Metrics[m]));
        Assert.All(gradients[0], g => Assert.True(g < 0));
    }

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

    [Fact]
    public void Options_report_every_problem_with_its_key()
    {
        var options = new PreferenceLossOptions { Kind = (PreferenceLossKind)7, Beta = double.NaN, LabelSmoothing = 0.5, SftWeight = -1 };
        Assert.Equal(
            [
                "kind is 7; it must be one of Sigmoid, Hinge, Ipo",
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
}
