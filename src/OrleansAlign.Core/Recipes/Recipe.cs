using System.Text.Json.Nodes;
using OrleansAlign.Core.Evaluation;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Stages;
using OrleansAlign.Models;

namespace OrleansAlign.Core.Recipes;

/// <summary>What a run does: a model, a judge, stages in any order, and an evaluation.</summary>
/// <remarks>Paths are relative to the recipe's own folder. Every key has the default given here.</remarks>
public sealed record Recipe : IChecked
{
    /// <summary>A short name; runs are called after it. Default <c>run</c>.</summary>
    public string Name { get; init; } = "run";

    /// <summary>Everything random descends from this number. Default 42.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>The engine that samples, judges and trains. Default <c>managed</c>.</summary>
    public EngineKind Engine { get; init; } = EngineKind.Managed;

    /// <summary>Where the engine computes: <c>cpu</c>, <c>cuda</c> (the first GPU) or <c>cuda:N</c>. Default <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The policy to begin with.</summary>
    public ModelSource Model { get; init; } = new();

    /// <summary>Variables that the model's chat template sees in every conversation, such as <c>enable_thinking: false</c>; none if left out.</summary>
    public JsonObject? ChatTemplate { get; init; }

    /// <summary>How a policy is asked to judge.</summary>
    public JudgeOptions Judge { get; init; } = new();

    /// <summary>The stages, executed in this order.</summary>
    public IReadOnlyList<StageOptions> Stages { get; init; } = [];

    /// <summary>The evaluation after each stage and round; none if left out.</summary>
    public EvaluationOptions? Evaluation { get; init; }

    /// <summary>Whether a stage trains or asks the judge, or the evaluation measures it.</summary>
    public bool NeedsJudge => Evaluation?.Preferences is not null || Stages.Any(s => s.NeedsJudge);

    /// <summary>The engine as a run uses it.</summary>
    /// <param name="threads">Processor threads; 0 takes all cores.</param>
    public EngineChoice EngineChoice(int threads) => new(Engine, Device, threads);

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        if (Name.Length == 0 || Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')) || Name.StartsWith('.'))
        {
            yield return $"name is \"{Name}\"; letters, digits, '-', '_' and '.' only, since folders are named after it";
        }

        if (!Judge.GivesScores && Stages.Any(s => s.NeedsScores))
        {
            yield return "pairing best-vs-worst-score needs scores, judge.kind is pairwise; "
                + "set judge.kind to pointwise or rule, or choose another pairing rule";
        }

        if (!Judge.AsksPolicy && Evaluation?.Preferences is not null)
        {
            yield return "evaluation.preferences measures how a policy judges, judge.kind is rule, which asks no policy; "
                + "remove evaluation.preferences, or set judge.kind to pairwise";
        }

        if (!IsDevice(Device)) yield return $"device is \"{Device}\"; it must be cpu, cuda or cuda:N with N from 0";
        else if (Engine == EngineKind.Managed && Device != "cpu")
        {
            yield return $"device is {Device}, engine is managed, which computes on the processor; set engine to torchsharp, or device to cpu";
        }
    }

    private static bool IsDevice(string device) => device is "cpu" or "cuda"
        || (device.StartsWith("cuda:", StringComparison.Ordinal) && device.Length is > 5 and < 9 && device.AsSpan(5).IndexOfAnyExceptInRange('0', '9') < 0);
}

/// <summary>Where the first policy comes from: a folder in Hugging Face layout, or random weights.</summary>
public sealed record ModelSource : IChecked
{
    /// <summary>A folder with config.json, model.safetensors, tokenizer.json and tokenizer_config.json.</summary>
    public string? Path { get; init; }

    /// <summary>A new model with random weights.</summary>
    public NewModelOptions? New { get; init; }

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        if (Path is null == New is null)
        {
            yield return "give exactly one of path (a folder with config.json and weights) and new (sizes of a model to start from nothing)";
        }
    }
}
