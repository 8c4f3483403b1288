using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ports;

namespace OrleansAlign.Core.Judges;

/// <summary>A judge that scores single responses; pairs are compared by their scores (<see cref="ScoreRule"/>).</summary>
public abstract class ScoringJudge : IRater
{
    /// <inheritdoc/>
    public abstract string Id { get; }

    /// <inheritdoc/>
    public abstract Task<IReadOnlyList<Rating>> RateAsync(IReadOnlyList<RatedResponse> responses, CancellationToken cancel);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Verdict>> JudgeAsync(IReadOnlyList<JudgeQuestion> questions, CancellationToken cancel)
    {
        RatedResponse[] responses = [.. questions.SelectMany(q => new[] { q.RatingOf(q.A), q.RatingOf(q.B) })];
        IReadOnlyList<Rating> ratings = await RateAsync(responses, cancel).ConfigureAwait(false);
        return [.. questions.Select((_, i) => ScoreRule.Decide(ratings[2 * i], ratings[(2 * i) + 1]))];
    }
}
