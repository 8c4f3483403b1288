using OrleansAlign.Core.Data;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Training;

namespace OrleansAlign.Core.Stages;

/// <summary>
/// Offline preference optimisation (DPO, arXiv:2305.18290): the data gives both answers and says which is preferred; nothing is drawn or judged.
/// </summary>
/// <remarks>Defaults after self-rewarding-lm's DPO trainer: batches of 16, two accumulated, 1e-6 falling linearly to a tenth, AdamW's β₂ 0.99.</remarks>
public sealed record DpoOptions : PreferenceOptions
{
    /// <summary>Sets the stage's own defaults.</summary>
    public DpoOptions() => (Accumulation, LearningRate, Schedule, FinalFraction, Beta2) = (2, 1e-6, LearningRateDecay.Linear, 0.1, 0.99);

    /// <summary>Pairs of a chosen and a rejected answer, as JSONL.</summary>
    public string Preferences { get; init; } = "";

    /// <summary>Pairs to train on, taken in a seeded order; 0 takes all. Default 0.</summary>
    public int Pairs { get; init; }

    /// <summary>The loss.</summary>
    public PreferenceLossOptions Loss { get; init; } = new();

    /// <inheritdoc/>
    public override int RoundCount => 1;

    /// <inheritdoc/>
    public override int RoundSize => Pairs;

    /// <inheritdoc/>
    public override int Drawn => 0;

    /// <inheritdoc/>
    public override Decision Decision { get; } = new Decision.ByData();

    /// <inheritdoc/>
    public override PreferenceLossOptions TrainedBy => Loss;

    /// <inheritdoc/>
    public override IEnumerable<(string Key, string Path)> DataFiles() => [("preferences", Preferences)];

    /// <inheritdoc/>
    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (!(Pairs >= 0)) yield return $"pairs is {Pairs}; it must be 0 (all) or more";
        if (Preferences.Length == 0) yield return "preferences is missing; name a JSONL file of prompts with chosen and rejected";
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<GivenPrompt> ReadPrompts(StageContext context, List<string> notes) =>
        [.. StageData.Read(context.Resolve(Preferences), (path, report) => DataFile.Preferences(path, report, columns: RowColumns), notes)
            .Select(row => new GivenPrompt(new Prompt(row.Id, row.Prompt) { Variables = row.Variables, Source = row.Source }, row.Chosen, row.Rejected))];
}
