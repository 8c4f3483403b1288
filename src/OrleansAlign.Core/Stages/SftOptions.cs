using OrleansAlign.Core.Data;
using OrleansAlign.Core.Supervision;
using OrleansAlign.Models.Training;

namespace OrleansAlign.Core.Stages;

/// <summary>Supervised fine-tuning.</summary>
/// <remarks>Defaults after self-rewarding-lm: batches of 16, two accumulated, three epochs, 5.5e-6 falling linearly to a fifth.</remarks>
public sealed record SftOptions : StageOptions
{
    /// <summary>Sets the stage's own defaults.</summary>
    public SftOptions() => (Epochs, Accumulation, LearningRate, Schedule, FinalFraction) = (3, 2, 5.5e-6, LearningRateDecay.Linear, 0.2);

    /// <summary>Conversations to imitate, as JSONL.</summary>
    public string Demonstrations { get; init; } = "";

    /// <inheritdoc/>
    public override IEnumerable<(string Key, string Path)> DataFiles() => [("demonstrations", Demonstrations)];

    /// <inheritdoc/>
    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Demonstrations.Length == 0) yield return "demonstrations is missing; name a JSONL file of prompts with completions";
    }

    /// <inheritdoc/>
    internal override IStage Prepare(int stage, StageContext context)
    {
        string path = context.Resolve(Demonstrations);
        List<string> notes = [];
        IEnumerable<SupervisedRow> rows = StageData.Read(path, (file, report) => DataFile.Demonstrations(file, report, RowColumns), notes)
            .Select(AnswerRow.Of);
        return new SupervisedStage(stage, this, context, rows, path, notes);
    }
}
