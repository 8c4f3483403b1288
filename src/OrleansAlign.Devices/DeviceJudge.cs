using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;

namespace OrleansAlign.Devices;

/// <summary>A judge that a device can be asked to be: all that makes it, but for the weights.</summary>
public sealed class DeviceJudge
{
    /// <summary>Names a judge.</summary>
    /// <param name="engine">The engine that it thinks with.</param>
    /// <param name="policy">Hash of its policy.</param>
    /// <param name="options">How it is asked.</param>
    /// <param name="runSeed">The run's seed.</param>
    public DeviceJudge(EngineKind engine, string policy, JudgeOptions options, ulong runSeed) =>
        (Engine, Policy, Options, RunSeed, Id) = (engine, policy, options, runSeed, options.IdOf(policy, runSeed));

    /// <summary>The engine that it thinks with.</summary>
    public EngineKind Engine { get; }

    /// <summary>Hash of its policy.</summary>
    public string Policy { get; }

    /// <summary>How it is asked.</summary>
    public JudgeOptions Options { get; }

    /// <summary>The run's seed.</summary>
    public ulong RunSeed { get; }

    /// <summary>The judge's <see cref="IJudge.Id"/>, whatever the engine.</summary>
    public string Id { get; }

    /// <summary>The judge itself.</summary>
    internal IJudge Create(LoadedPolicy policy) => Options.Create(policy, RunSeed);

    /// <summary>The same judge as one that rates.</summary>
    /// <exception cref="ArgumentException">It compares only.</exception>
    internal IRater CreateRater(LoadedPolicy policy) => Create(policy) as IRater
        ?? throw new ArgumentException($"a judge of kind {Options.Kind} compares responses and cannot rate a single one; choose judge.kind pointwise");

    /// <summary>About how much work it is to compare two responses.</summary>
    internal WorkSize SizeOf(JudgeQuestion question)
    {
        long characters = WorkSize.Characters(question.Messages) + question.A.Length + question.B.Length;
        return Options.Kind == JudgeKind.Pairwise
            ? WorkSize.Of(2 * Options.Principles.Count, characters, newTokens: 1)
            : WorkSize.Of(2 * Options.Judgements, characters, Options.Sampling.MaxNewTokens);
    }

    /// <summary>About how much work it is to rate a response.</summary>
    internal WorkSize SizeOf(RatedResponse response) =>
        WorkSize.Of(Options.Judgements, WorkSize.Characters(response.Messages) + response.Response.Length, Options.Sampling.MaxNewTokens);
}
