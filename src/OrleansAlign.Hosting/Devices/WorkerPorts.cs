using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Recipes;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Hosting.Devices;

/// <summary>Draws responses with a device's worker.</summary>
public sealed class WorkerGenerator(DeviceWorker worker, EngineKind engine) : IGenerator
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<GeneratedResponse>> GenerateAsync(string policy, IReadOnlyList<GenerationRequest> requests, CancellationToken cancel) =>
        worker.GenerateAsync(engine, policy, requests, cancel);
}

/// <summary>Judges with a device's worker.</summary>
public sealed class WorkerJudge(DeviceWorker worker, DeviceJudge judge) : IJudge, IRater
{
    /// <inheritdoc cref="IJudge.Id"/>
    public string Id => judge.Id;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Verdict>> JudgeAsync(IReadOnlyList<JudgeQuestion> questions, CancellationToken cancel) => worker.JudgeAsync(judge, questions, cancel);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The judge compares only.</exception>
    public Task<IReadOnlyList<Rating>> RateAsync(IReadOnlyList<RatedResponse> responses, CancellationToken cancel) => worker.RateAsync(judge, responses, cancel);
}

/// <summary>Scores tokens with a device's worker.</summary>
public sealed class WorkerScorer(DeviceWorker worker, EngineKind engine) : IScorer
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<float[]>> LogProbsAsync(string policy, IReadOnlyList<TokenSequence> sequences, CancellationToken cancel) =>
        worker.LogProbsAsync(engine, policy, sequences, cancel);
}
