using OrleansAlign.Core.Data;
using OrleansAlign.Core.Supervision;
using OrleansAlign.Models.Training;

namespace OrleansAlign.Core.Stages;

/// <summary>Judge-augmented SFT (SELF-JUDGE, arXiv:2402.11253, §3.1).</summary>
/// <remarks>Defaults after the paper's recipes: one epoch, batches of 128, 2e-5, cosine, 3 % warm-up.</remarks>
public sealed record JudgeSftOptions : StageOptions
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
    public override bool NeedsJudge => true;

    /// <inheritdoc/>
    public override IEnumerable<(string Key, string Path)> DataFiles() => [("demonstrations", Demonstrations), ("preferences", Preferences)];

    /// <inheritdoc/>
    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Demonstrations.Length == 0) yield return "demonstrations is missing; name a JSONL file of prompts with completions";
        if (Preferences.Length == 0) yield return "preferences is missing; name a JSONL file of prompts with chosen and rejected";
    }

    /// <inheritdoc/>
    internal override IStage Prepare(int stage, StageContext context)
    {
        string demonstrations = context.Resolve(Demonstrations), preferences = context.Resolve(Preferences);
        ulong seed = context.Seeds.Rows(stage, 0);
        List<string> notes = [];
        var reading = new RatedReading { Seed = seed, Principles = context.Judge.Principles is { Count: > 1 } several ? several : [] };
        SupervisedSet set = JudgeSupervision.Build(
            StageData.Read(demonstrations, (path, report) => DataFile.Demonstrations(path, report, RowColumns), notes),
            StageData.Read(preferences, (path, report) => DataFile.Preferences(path, report, reading, RowColumns), notes),
            context.Judge.Resolve(), Rationale, seed);
        StageData.Note(notes, preferences, set.Dropped);
        if (!set.Rows.Any(row => row is JudgementRow))
        {
            throw new InvalidDataException($"{preferences}: no row is left to learn judging from"
                + $"{string.Concat(set.Dropped.Select(of => $"; {of.Value}: {of.Key}"))}; mend the rows, or use an sft stage");
        }

        return new SupervisedStage(stage, this, context, set.Rows, $"{demonstrations} and {preferences}", notes);
    }
}
