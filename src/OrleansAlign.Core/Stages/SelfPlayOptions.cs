using OrleansAlign.Core.Data;
using OrleansAlign.Core.Tournaments;
using OrleansAlign.Models.Engines;
using OrleansAlign.Models.Losses;
using OrleansAlign.Models.Training;

namespace OrleansAlign.Core.Stages;

/// <summary>Self-play fine-tuning (SPIN, arXiv:2401.01335): the demonstration is preferred to what the policy itself answers, round after round.</summary>
/// <remarks>
/// In round t the opponent θₜ is the policy at the round's beginning: it does not change during the round, draws the rejected answers, and is the loss's
/// reference. With ℓ(t) = log(1 + e⁻ᵗ), as in the paper, eq. 4.7 is DPO's loss with β = λ. Defaults after self-rewarding-lm: λ 0.1, temperature 0.7,
/// top-p 0.9, and its DPO trainer's batches and rates.
/// </remarks>
public sealed record SelfPlayOptions : PreferenceOptions
{
    /// <summary>Sets the stage's own defaults.</summary>
    public SelfPlayOptions() => (Accumulation, LearningRate, Schedule, FinalFraction, Beta2) = (2, 1e-6, LearningRateDecay.Linear, 0.1, 0.99);

    /// <summary>Conversations whose answers are preferred, as JSONL.</summary>
    public string Demonstrations { get; init; } = "";

    /// <summary>Rounds, SPIN's iterations: each has a new opponent. Default 1.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>Demonstrations per round, taken in a seeded order, going on where the last round ended; 0 takes all. Default 0.</summary>
    public int PromptsPerRound { get; init; }

    /// <summary>λ, above 0: strength of the tie to the opponent. Default 0.1.</summary>
    public double Lambda { get; init; } = 0.1;

    /// <summary>How the opponent answers. Default temperature 0.7, top-p 0.9, at most 768 new tokens.</summary>
    public SamplingOptions Sampling { get; init; } = new() { Temperature = 0.7, TopP = 0.9, MaxNewTokens = 768 };

    /// <inheritdoc/>
    public override int RoundCount => Rounds;

    /// <inheritdoc/>
    public override int RoundSize => PromptsPerRound;

    /// <inheritdoc/>
    public override int Drawn => 1;

    /// <inheritdoc/>
    public override SamplingOptions DrawnBy => Sampling;

    /// <inheritdoc/>
    public override Decision Decision { get; } = new Decision.ByData();

    /// <inheritdoc/>
    public override PreferenceLossOptions TrainedBy => new() { Kind = PreferenceLossKind.Sigmoid, Beta = Lambda };

    /// <inheritdoc/>
    public override IEnumerable<(string Key, string Path)> DataFiles() => [("demonstrations", Demonstrations)];

    /// <inheritdoc/>
    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (!(PromptsPerRound >= 0)) yield return $"prompts-per-round is {PromptsPerRound}; it must be 0 (all) or more";
        if (Demonstrations.Length == 0) yield return "demonstrations is missing; name a JSONL file of prompts with completions";
        if (!(Lambda > 0) || double.IsInfinity(Lambda)) yield return $"lambda is {Lambda}; it must be a number above 0";
    }

    /// <inheritdoc/>
    /// <remarks>Each answer of a conversation makes a prompt of its own: the messages before it are the prompt, and it is the given answer.</remarks>
    internal override IReadOnlyList<GivenPrompt> ReadPrompts(StageContext context, List<string> notes) =>
        [.. StageData.Read(context.Resolve(Demonstrations), (path, report) => DataFile.Demonstrations(path, report, RowColumns), notes)
            .SelectMany(row => row.TrainedTurns.Select(turn => new GivenPrompt(
                new Prompt(row.TrainedTurns.Count == 1 ? row.Id : $"{row.Id}#{turn}", [.. row.Messages.Take(turn)])
                {
                    Variables = row.Variables, Source = row.Source,
                },
                row.Messages[turn].Content)))];
}
