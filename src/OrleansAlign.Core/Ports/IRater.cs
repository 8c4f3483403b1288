using OrleansAlign.Core.Judging;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Ports;

/// <summary>Scores single responses to a conversation.</summary>
public interface IRater
{
    /// <summary>What makes this rater this rater, hashed. Ratings are kept under it.</summary>
    string Id { get; }

    /// <summary>Rates one response per entry; result i belongs to response i. What comes out does not depend on what is rated together.</summary>
    Task<IReadOnlyList<Rating>> RateAsync(IReadOnlyList<RatedResponse> responses, CancellationToken cancel);
}

/// <summary>A response to rate.</summary>
/// <param name="Messages">The conversation that it answers.</param>
/// <param name="Response">Its text.</param>
public sealed record RatedResponse(IReadOnlyList<ChatMessage> Messages, string Response);
