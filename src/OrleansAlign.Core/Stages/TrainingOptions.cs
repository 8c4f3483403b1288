using OrleansAlign.Models;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Training;

namespace OrleansAlign.Core.Stages;

/// <summary>Options of every stage that trains: duration, batch size, and AdamW's settings.</summary>
public abstract record TrainingOptions : IChecked
{
    /// <summary>Passes over the data. Default 1; <see cref="Steps"/> overrides it.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Optimizer steps; 0 leaves it to <see cref="Epochs"/>. In stages with rounds: per round. Default 0.</summary>
    public int Steps { get; init; }

    /// <summary>Rows (or pairs) in one forward pass. Default 16.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Batches whose gradients make one step. Default 1.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Highest learning rate.</summary>
    public double LearningRate { get; init; } = 1e-5;

    /// <summary>How the rate goes on after warm-up: constant, linear or cosine.</summary>
    public LearningRateDecay Schedule { get; init; } = LearningRateDecay.Constant;

    /// <summary>Share of the steps over which the rate rises from 0, in [0, 1). Default 0.</summary>
    public double WarmUp { get; init; }

    /// <summary>The last step's share of the highest rate, in [0, 1]. Default 0.</summary>
    public double FinalFraction { get; init; }

    /// <summary>Decay of AdamW's first moment. Default 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of AdamW's second moment. Default 0.95.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>AdamW's ε. Default 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay of matrices. Default 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Largest gradient norm; 0 does not clip. Default 1.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Probability with which a residual branch's element is dropped. Default 0.</summary>
    public double Dropout { get; init; }

    /// <summary>Steps between two checkpoints from which a killed run can resume. Default 100.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>Rows (or pairs) per optimizer step.</summary>
    public int RowsPerStep => Batch * Accumulation;

    /// <summary>Number of steps over <paramref name="rows"/> rows.</summary>
    public int StepCount(int rows) => Steps > 0 ? Steps : (int)(((long)rows * Epochs + RowsPerStep - 1) / RowsPerStep);

    /// <summary>The settings of step <paramref name="step"/> (from 1) of <paramref name="total"/>.</summary>
    public StepOptions StepOptions(int step, int total) => new()
    {
        LearningRate = RateSchedule.Rate(step - 1, total),
        Beta1 = Beta1,
        Beta2 = Beta2,
        Epsilon = Epsilon,
        WeightDecay = WeightDecay,
        ClipNorm = ClipNorm,
        Dropout = Dropout,
    };

    private LearningRateSchedule RateSchedule => new() { Peak = LearningRate, Decay = Schedule, WarmupRatio = WarmUp, FinalFraction = FinalFraction };

    /// <summary>What is wrong: value, rule and key.</summary>
    public virtual IEnumerable<string> Problems()
    {
        foreach ((string key, int value) in
            new[] { ("epochs", Epochs), ("batch", Batch), ("accumulation", Accumulation), ("checkpoint-every", CheckpointEvery) })
        {
            if (!(value >= 1)) yield return $"{key} is {value}; it must be 1 or more";
        }

        if (!(Steps >= 0)) yield return $"steps is {Steps}; it must be 0 (use epochs) or more";
        if (!(LearningRate > 0 && LearningRate < 1)) yield return $"learning-rate is {LearningRate}; it must be above 0 and below 1";
        if (!(WarmUp >= 0 && WarmUp < 1)) yield return $"warm-up is {WarmUp}; it is a share of the steps, 0 or more and below 1";
        if (!(FinalFraction >= 0 && FinalFraction <= 1)) yield return $"final-fraction is {FinalFraction}; it must be between 0 and 1";
        if (!(Beta1 >= 0 && Beta1 < 1)) yield return $"beta1 is {Beta1}; it must be 0 or more and below 1";
        if (!(Beta2 >= 0 && Beta2 < 1)) yield return $"beta2 is {Beta2}; it must be 0 or more and below 1";
        if (!(Epsilon > 0)) yield return $"epsilon is {Epsilon}; it must be above 0";
        if (!(WeightDecay >= 0)) yield return $"weight-decay is {WeightDecay}; it must be 0 or more";
        if (!(ClipNorm >= 0)) yield return $"clip-norm is {ClipNorm}; it must be 0 (off) or more";
        if (!(Dropout >= 0 && Dropout < 1)) yield return $"dropout is {Dropout}; it must be 0 or more and below 1";
    }
}
