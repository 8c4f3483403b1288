using OrleansAlign.Core.Data;
using OrleansAlign.Core.Stages;
using OrleansAlign.Models;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Evaluation;

/// <summary>What is measured of every policy that a stage or round yields. Nothing measured here ever enters training.</summary>
public sealed record EvaluationOptions : IChecked
{
    /// <summary>Held-out prompts with checks, as JSONL; the policy's responses to them are verified by rule.</summary>
    public string? Prompts { get; init; }

    /// <summary>Held-out preference pairs, as JSONL; the policy's judgements of them are compared with their labels.</summary>
    public string? Preferences { get; init; }

    /// <summary>By key of a row, the column of both files that holds it: <c>{prompt: question, system: persona}</c>. Default none.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>Columns of both files that are left out. Any other column with text that nothing reads is an error. Default none.</summary>
    public IReadOnlyList<string> IgnoreColumns { get; init; } = [];

    /// <summary>How columns of the data files are read.</summary>
    internal RowColumns RowColumns => new(Columns, IgnoreColumns);

    /// <summary>Responses drawn per prompt. Default 1.</summary>
    public int SamplesPerPrompt { get; init; } = 1;

    /// <summary>How they are drawn.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>What becomes of prompts that leave no room to answer. Default <c>skip</c>.</summary>
    public TooLong TooLong { get; init; }

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        if (Prompts is null && Preferences is null) yield return "give prompts (to measure answers), preferences (to measure judgement), or both";
        if (!(SamplesPerPrompt >= 1)) yield return $"samples-per-prompt is {SamplesPerPrompt}; it must be 1 or more";
        foreach (string problem in RowColumns.Problems()) yield return problem;
    }
}
