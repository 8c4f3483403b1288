using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Telemetry;

/// <summary>A generator whose batches are timed. Put it where the engine is: what a remote caller waits for is another series.</summary>
public sealed class MeteredGenerator(IGenerator inner, AlignMetrics metrics) : IGenerator
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<GeneratedResponse>> GenerateAsync(string policy, IReadOnlyList<GenerationRequest> requests, CancellationToken cancel)
    {
        long began = metrics.Time.GetTimestamp();
        IReadOnlyList<GeneratedResponse> drawn = await inner.GenerateAsync(policy, requests, cancel).ConfigureAwait(false);
        metrics.Record(AlignSeries.GenerateDuration, metrics.Time.GetElapsedTime(began));
        return drawn;
    }
}

/// <summary>A judge whose batches are timed and whose questions are counted. It rates where the judge within does.</summary>
public sealed class MeteredJudge(IJudge inner, AlignMetrics metrics) : IRater
{
    /// <inheritdoc cref="IJudge.Id"/>
    public string Id => inner.Id;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Verdict>> JudgeAsync(IReadOnlyList<JudgeQuestion> questions, CancellationToken cancel) =>
        MeasureAsync(inner.JudgeAsync, questions, cancel);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The judge within compares only.</exception>
    public Task<IReadOnlyList<Rating>> RateAsync(IReadOnlyList<RatedResponse> responses, CancellationToken cancel) => inner is IRater rater
        ? MeasureAsync(rater.RateAsync, responses, cancel)
        : throw new InvalidOperationException(
            $"the judge ({inner.GetType().Name}) compares responses and cannot rate a single one; choose judge.kind pointwise");

    private async Task<IReadOnlyList<TAnswer>> MeasureAsync<TQuestion, TAnswer>(
        Func<IReadOnlyList<TQuestion>, CancellationToken, Task<IReadOnlyList<TAnswer>>> ask, IReadOnlyList<TQuestion> questions, CancellationToken cancel)
    {
        long began = metrics.Time.GetTimestamp();
        IReadOnlyList<TAnswer> answers = await ask(questions, cancel).ConfigureAwait(false);
        metrics.Add(AlignSeries.JudgeCalls, answers.Count);
        metrics.Record(AlignSeries.JudgeDuration, metrics.Time.GetElapsedTime(began));
        return answers;
    }
}
