using OrleansAlign.Core.Brackets;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Pairing;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;

namespace OrleansAlign.Core.Stages;

/// <summary>
/// Self-training by on-policy judgement (SELF-JUDGE, arXiv:2402.11253, §3.2), iterated: draw candidates, judge them, train on the pairs, repeat.
/// </summary>
/// <remarks>
/// Departures: eight candidates in a bracket with a losers' bracket instead of two samples, since the choice of "rejected" decides how often the label
/// is right; and rounds. With <c>candidates: 2</c> and <c>rounds: 1</c> it is the paper's stage.
/// </remarks>
public sealed record SelfJudgeOptions : PreferenceOptions
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

    /// <summary>Which candidates meet in matches. Default <c>losers-bracket</c>.</summary>
    public BracketFormat Bracket { get; init; } = BracketFormat.LosersBracket;

    /// <summary>Which pairs are made from a bracket's results; with <c>best-vs-worst-score</c> candidates are rated one by one, without matches.</summary>
    public PairingOptions Pairing { get; init; } = new();

    /// <summary>Which policy judges. Default <c>frozen</c>.</summary>
    public JudgePolicy Judge { get; init; } = JudgePolicy.Frozen;

    /// <summary>Which policy the loss is anchored to. Default <c>per-round</c>.</summary>
    public ReferencePolicy Reference { get; init; } = ReferencePolicy.PerRound;

    /// <summary>The loss.</summary>
    public PreferenceLossOptions Loss { get; init; } = new();

    /// <inheritdoc/>
    public override int RoundCount => Rounds;

    /// <inheritdoc/>
    public override int RoundSize => PromptsPerRound;

    /// <inheritdoc/>
    public override int Drawn => Candidates;

    /// <inheritdoc/>
    public override SamplingOptions DrawnBy => Sampling;

    /// <inheritdoc/>
    public override Decision Decision =>
        Pairing.Rule == PairingRule.BestVsWorstScore ? new Decision.ByScores(Pairing) : new Decision.ByBracket(Bracket, Pairing);

    /// <inheritdoc/>
    public override JudgePolicy JudgedBy => Judge;

    /// <inheritdoc/>
    public override ReferencePolicy AnchoredTo => Reference;

    /// <inheritdoc/>
    public override PreferenceLossOptions TrainedBy => Loss;

    /// <inheritdoc/>
    public override IEnumerable<(string Key, string Path)> DataFiles() => [("prompts", Prompts)];

    /// <inheritdoc/>
    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (!(PromptsPerRound >= 0)) yield return $"prompts-per-round is {PromptsPerRound}; it must be 0 (all) or more";
        if (Prompts.Length == 0) yield return "prompts is missing; name a JSONL file of prompts";
        if (!(Candidates >= 2)) yield return $"candidates is {Candidates}; it must be 2 or more: one alone cannot be compared";
        foreach (string problem in Pairing.Problems(Decision is Decision.ByBracket ? Bracket : null)) yield return $"pairing: {problem}";
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<GivenPrompt> ReadPrompts(StageContext context, List<string> notes) =>
        [.. StageData.Read(context.Resolve(Prompts), (path, report) => DataFile.Prompts(path, report, RowColumns), notes)
            .Select(prompt => new GivenPrompt(prompt))];
}
