using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Recipes;

/// <summary>What a run does: a model, a judge, stages in any order, and how to measure.</summary>
/// <remarks>Paths are relative to the recipe's own folder. Every key has the default given here.</remarks>
public sealed record Recipe
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

    /// <summary>How a policy is asked to judge.</summary>
    public JudgeOptions Judge { get; init; } = new();

    /// <summary>What is done, in this order.</summary>
    public IReadOnlyList<StageEntry> Stages { get; init; } = [];

    /// <summary>What is measured after each stage and round; nothing if left out.</summary>
    public EvaluationOptions? Evaluation { get; init; }

    /// <summary>Whether anything in it learns to judge, judges or measures judgement.</summary>
    public bool NeedsJudge => Evaluation?.Preferences is not null || Stages.Any(s => s.Sft is null);

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        if (Name.Length == 0 || Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')) || Name.StartsWith('.'))
        {
            yield return $"name is \"{Name}\"; letters, digits, '-', '_' and '.' only, since folders are named after it";
        }

        if (Judge.Kind != JudgeKind.Pointwise && Stages.Any(s => s.SelfJudge is { PairsScores: true }))
        {
            yield return "pairing best-vs-worst-score needs scores, judge.kind is pairwise; set judge.kind to pointwise or choose another pairing rule";
        }

        if (!IsDevice(Device)) yield return $"device is \"{Device}\"; it must be cpu, cuda or cuda:N with N from 0";
        if (Engine == EngineKind.Managed && Device != "cpu" && IsDevice(Device)) yield return $"device is {Device}, engine is managed, which computes on the processor; set engine to torchsharp, or device to cpu";
        if (Stages.Count == 0) yield return "stages is empty; name at least one of sft, judge-sft, self-judge";
    }

    private static bool IsDevice(string device) =>
        device is "cpu" or "cuda" || (device.StartsWith("cuda:", StringComparison.Ordinal) && device.Length is > 5 and < 9 && device.AsSpan(5).IndexOfAnyExceptInRange('0', '9') < 0);
}

/// <summary>The engines a recipe can name.</summary>
public enum EngineKind
{
    /// <summary>Pure C#, all processor cores, reproducible to the bit.</summary>
    Managed,

    /// <summary>TorchSharp: GPUs, through libtorch.</summary>
    Torchsharp,
}

/// <summary>Engines' names.</summary>
public static class EngineKinds
{
    /// <summary>The kind as recipes write it.</summary>
    public static string Name(this EngineKind kind) => kind == EngineKind.Torchsharp ? "torchsharp" : "managed";
}

/// <summary>Where the first policy comes from: a folder in Hugging Face layout, or nothing at all.</summary>
public sealed record ModelSource
{
    /// <summary>A folder with config.json, model.safetensors, tokenizer.json and tokenizer_config.json.</summary>
    public string? Path { get; init; }

    /// <summary>A new model with random weights.</summary>
    public NewModelOptions? New { get; init; }

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        if (Path is null == New is null) yield return "give exactly one of path (a folder with config.json and weights) and new (sizes of a model to start from nothing)";
    }
}

/// <summary>One stage: exactly one of the kinds.</summary>
public sealed record StageEntry
{
    /// <summary>Supervised fine-tuning on demonstrations.</summary>
    public SftOptions? Sft { get; init; }

    /// <summary>Judge-augmented supervised fine-tuning: one model learns to answer and to judge.</summary>
    public JudgeSftOptions? JudgeSft { get; init; }

    /// <summary>Self-training by on-policy judgement.</summary>
    public SelfJudgeOptions? SelfJudge { get; init; }

    /// <summary>The stage's options, whichever kind it is.</summary>
    public TrainingOptions? Options => (TrainingOptions?)Sft ?? (TrainingOptions?)JudgeSft ?? SelfJudge;

    /// <summary>The kind as recipes write it.</summary>
    public string Kind => Sft is not null ? "sft" : JudgeSft is not null ? "judge-sft" : "self-judge";

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        int given = (Sft is null ? 0 : 1) + (JudgeSft is null ? 0 : 1) + (SelfJudge is null ? 0 : 1);
        if (given != 1) yield return $"{given} kinds given; a stage is exactly one of sft, judge-sft, self-judge";
    }
}

/// <summary>What is measured of every policy that a stage or round yields. Nothing measured here ever enters training.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Held-out prompts with checks, as JSONL; the policy's responses to them are verified by rule.</summary>
    public string? Prompts { get; init; }

    /// <summary>Held-out preference pairs, as JSONL; the policy's judgements of them are compared with their labels.</summary>
    public string? Preferences { get; init; }

    /// <summary>Responses drawn per prompt. Default 1.</summary>
    public int SamplesPerPrompt { get; init; } = 1;

    /// <summary>How they are drawn.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        if (Prompts is null && Preferences is null) yield return "give prompts (to measure answers), preferences (to measure judgement), or both";
        if (!(SamplesPerPrompt >= 1)) yield return $"samples-per-prompt is {SamplesPerPrompt}; it must be 1 or more";
    }
}
