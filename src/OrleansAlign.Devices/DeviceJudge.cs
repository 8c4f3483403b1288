using OrleansAlign.Core.Judges;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Devices;

/// <summary>A judge that asks a policy on a device. Judges that ask no policy need no device and are not of this type.</summary>
public sealed class DeviceJudge
{
    private readonly JudgeFactory factory;

    /// <summary>Describes a judge; the policy is not loaded yet.</summary>
    /// <param name="engine">The engine that the policy runs on.</param>
    /// <param name="policy">Hash of the policy.</param>
    /// <param name="factory">Makes the judge.</param>
    public DeviceJudge(EngineKind engine, string policy, JudgeFactory factory) =>
        (Engine, Policy, this.factory, Id) = (engine, policy, factory, factory.IdOf(policy));

    /// <summary>The engine that the policy runs on.</summary>
    public EngineKind Engine { get; }

    /// <summary>Hash of the policy.</summary>
    public string Policy { get; }

    /// <summary>The judge's <see cref="IJudge.Id"/>, whatever the engine.</summary>
    public string Id { get; }

    private JudgeOptions Options => factory.Options;

    /// <summary>Makes the judge.</summary>
    internal IJudge Create(LoadedPolicy policy) => factory.Create(policy);

    /// <summary>Makes the judge as a rater.</summary>
    /// <exception cref="ArgumentException">The judge compares only.</exception>
    internal IRater CreateRater(LoadedPolicy policy) => Create(policy) as IRater
        ?? throw new ArgumentException($"a judge of kind {Options.Kind} compares responses and cannot rate a single one; choose judge.kind pointwise");

    /// <summary>Estimated size of a comparison of two responses.</summary>
    internal WorkSize SizeOf(JudgeQuestion question)
    {
        long characters = WorkSize.Characters(question.Messages) + question.A.Length + question.B.Length;
        return Options.Kind == JudgeKind.Pairwise
            ? WorkSize.Of(2 * Options.Principles.Count, characters, newTokens: 1)
            : WorkSize.Of(2 * Options.Judgements, characters, Options.Sampling.MaxNewTokens);
    }

    /// <summary>Estimated size of the rating of one response.</summary>
    internal WorkSize SizeOf(RatedResponse response) =>
        WorkSize.Of(Options.Judgements, WorkSize.Characters(response.Messages) + response.Response.Length, Options.Sampling.MaxNewTokens);
}

/// <summary>Judges with a device's worker.</summary>
public sealed class WorkerJudge(DeviceWorker worker, DeviceJudge judge) : IRater
{
    /// <inheritdoc cref="IJudge.Id"/>
    public string Id => judge.Id;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Verdict>> JudgeAsync(IReadOnlyList<JudgeQuestion> questions, CancellationToken cancel) =>
        worker.JudgeAsync(judge, questions, cancel);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The judge compares only.</exception>
    public Task<IReadOnlyList<Rating>> RateAsync(IReadOnlyList<RatedResponse> responses, CancellationToken cancel) =>
        worker.RateAsync(judge, responses, cancel);
}
