using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Pairing;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Training;

namespace OrleansAlign.Core.Recipes;

/// <summary>What every stage that trains has: how long, how much at once, and AdamW's settings.</summary>
public abstract record TrainingOptions
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

    /// <summary>Steps between two places from which a killed run goes on. Default 100.</summary>
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
        foreach ((string key, int value) in new[] { ("epochs", Epochs), ("batch", Batch), ("accumulation", Accumulation), ("checkpoint-every", CheckpointEvery) })
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

/// <summary>Supervised fine-tuning. Defaults after self-rewarding-lm: batches of 16, two accumulated, three epochs, 5.5e-6 falling linearly to a fifth.</summary>
public sealed record SftOptions : TrainingOptions
{
    /// <summary>Sets the stage's own defaults.</summary>
    public SftOptions() =>
        (Epochs, Accumulation, LearningRate, Schedule, FinalFraction) = (3, 2, 5.5e-6, LearningRateDecay.Linear, 0.2);

    /// <summary>Conversations to imitate, as JSONL.</summary>
    public string Demonstrations { get; init; } = "";

    /// <inheritdoc/>
    public override IEnumerable<string> Problems() =>
        Demonstrations.Length == 0 ? base.Problems().Append("demonstrations is missing; name a JSONL file of prompts with completions") : base.Problems();
}

/// <summary>Judge-augmented SFT (SELF-JUDGE, arXiv:2402.11253, §3.1). Defaults after its recipes: one epoch, batches of 128, 2e-5, cosine, 3 % warm-up.</summary>
public sealed record JudgeSftOptions : TrainingOptions
{
    /// <summary>Sets the stage's own defaults.</summary>
    public JudgeSftOptions() => (Batch, LearningRate, Schedule, WarmUp) = (128, 2e-5, LearningRateDecay.Cosine, 0.03);

    /// <summary>Conversations to imitate, as JSONL.</summary>
    public string Demonstrations { get; init; } = "";

    /// <summary>Labelled pairs to learn judging from, as JSONL; each gives two judge rows per principle.</summary>
    public string Preferences { get; init; } = "";

    /// <summary>Whether rows that carry a rationale train on it too, after the decision. Default false.</summary>
    public bool Rationale { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Demonstrations.Length == 0) yield return "demonstrations is missing; name a JSONL file of prompts with completions";
        if (Preferences.Length == 0) yield return "preferences is missing; name a JSONL file of prompts with chosen and rejected";
    }
}

/// <summary>Which policy judges in a self-judging stage.</summary>
public enum JudgePolicy
{
    /// <summary>The policy that entered the stage, throughout (SELF-JUDGE).</summary>
    Frozen,

    /// <summary>The policy of the round.</summary>
    Current,
}

/// <summary>Which policy the loss is anchored to.</summary>
public enum ReferencePolicy
{
    /// <summary>The policy at the round's beginning.</summary>
    PerRound,

    /// <summary>The policy that entered the stage, throughout.</summary>
    Kept,
}

/// <summary>Self-training by on-policy judgement (SELF-JUDGE §3.2), iterated: draw candidates, play a bracket, train on its pairs, repeat.</summary>
/// <remarks>
/// Departures: eight candidates in a bracket with a losers' bracket instead of two samples, since who becomes "rejected" decides how often the label is
/// right; and rounds. With <c>candidates: 2</c> and <c>rounds: 1</c> it is the paper's stage.
/// </remarks>
public sealed record SelfJudgeOptions : TrainingOptions
{
    /// <summary>Sets the stage's own defaults.</summary>
    public SelfJudgeOptions() => (Batch, LearningRate, WarmUp) = (64, 5e-6, 0.1);

    /// <summary>Prompts to answer, as JSONL.</summary>
    public string Prompts { get; init; } = "";

    /// <summary>Rounds of drawing, judging and training. Default 1.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>Prompts per round, taken in a seeded order, going on where the last round ended; 0 takes all. Default 0.</summary>
    public int PromptsPerRound { get; init; }

    /// <summary>Candidates per prompt. Default 8.</summary>
    public int Candidates { get; init; } = 8;

    /// <summary>How candidates are drawn. Default temperature 1, top-p 0.9, at most 768 new tokens.</summary>
    public SamplingOptions Sampling { get; init; } = new() { TopP = 0.9, MaxNewTokens = 768 };

    /// <summary>How candidates play. Default <c>losers-bracket</c>.</summary>
    public BracketFormat Bracket { get; init; } = BracketFormat.LosersBracket;

    /// <summary>Which pairs come of a bracket.</summary>
    public PairingOptions Pairing { get; init; } = new();

    /// <summary>Who judges. Default <c>frozen</c>.</summary>
    public JudgePolicy Judge { get; init; } = JudgePolicy.Frozen;

    /// <summary>What the loss is anchored to. Default <c>per-round</c>.</summary>
    public ReferencePolicy Reference { get; init; } = ReferencePolicy.PerRound;

    /// <summary>Whether candidates are rated one by one instead of playing.</summary>
    public bool PairsScores => Pairing.Rule == PairingRule.BestVsWorstScore;

    /// <summary>The loss.</summary>
    public PreferenceLossOptions Loss { get; init; } = new();

    /// <inheritdoc/>
    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Prompts.Length == 0) yield return "prompts is missing; name a JSONL file of prompts";
        if (!(Rounds >= 1)) yield return $"rounds is {Rounds}; it must be 1 or more";
        if (!(PromptsPerRound >= 0)) yield return $"prompts-per-round is {PromptsPerRound}; it must be 0 (all) or more";
        if (!(Candidates >= 2)) yield return $"candidates is {Candidates}; it must be 2 or more: one alone has nobody to play";
        foreach (string problem in Pairing.Problems(PairsScores ? null : Bracket)) yield return $"pairing: {problem}";
    }
}
