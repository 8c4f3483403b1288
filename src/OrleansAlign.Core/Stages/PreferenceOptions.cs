using OrleansAlign.Core.Data;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Stages;

/// <summary>Which policy judges in a stage with rounds.</summary>
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

/// <summary>
/// A stage that trains on preference pairs. Its rounds are made of three choices: where candidates come from (<see cref="ReadPrompts"/>,
/// <see cref="Drawn"/>), how they are decided (<see cref="Decision"/>), and the loss.
/// </summary>
public abstract record PreferenceOptions : StageOptions
{
    private protected PreferenceOptions()
    {
    }

    /// <inheritdoc/>
    public abstract override int RoundCount { get; }

    /// <summary>Prompts per round, taken in a seeded order, going on where the last round ended; 0 takes all.</summary>
    public virtual int RoundSize => 0;

    /// <summary>Candidates that the round's policy draws for each prompt, besides the answers that the data gives.</summary>
    public abstract int Drawn { get; }

    /// <summary>How candidates are drawn; without meaning where <see cref="Drawn"/> is 0.</summary>
    public virtual SamplingOptions DrawnBy => new();

    /// <summary>How a prompt's candidates are decided.</summary>
    public abstract Decision Decision { get; }

    /// <summary>Which policy judges, if the decision asks a judge.</summary>
    public virtual JudgePolicy JudgedBy => JudgePolicy.Frozen;

    /// <summary>Which policy the loss is anchored to, if it has a reference.</summary>
    public virtual ReferencePolicy AnchoredTo => ReferencePolicy.PerRound;

    /// <summary>The loss.</summary>
    public abstract PreferenceLossOptions TrainedBy { get; }

    /// <inheritdoc/>
    public override bool NeedsJudge => Decision.AsksJudge;

    /// <inheritdoc/>
    public override bool NeedsScores => Decision is Decision.ByScores;

    /// <inheritdoc/>
    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (!(RoundCount >= 1)) yield return $"rounds is {RoundCount}; it must be 1 or more";
    }

    /// <summary>Reads the prompts with the answers that the data gives to each; every prompt has the same number of answers.</summary>
    /// <param name="context">What stages are prepared from.</param>
    /// <param name="notes">Takes notes on rows left out of the data.</param>
    /// <exception cref="InvalidDataException">Rows are broken: a line for each.</exception>
    internal abstract IReadOnlyList<GivenPrompt> ReadPrompts(StageContext context, List<string> notes);

    /// <inheritdoc/>
    internal sealed override IStage Prepare(int stage, StageContext context) => new PreferenceStage(stage, this, context);
}

/// <summary>A prompt with the answers that the data gives to it.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Answers">The answers, which become the first candidates; possibly none.</param>
internal sealed record GivenPrompt(Prompt Prompt, params IReadOnlyList<string> Answers);
