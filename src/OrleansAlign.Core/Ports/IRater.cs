using System.Text.Json.Nodes;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Ports;

/// <summary>A judge that also scores single responses. Ratings are kept under <see cref="IJudge.Id"/>.</summary>
public interface IRater : IJudge
{
    /// <summary>Rates one response per entry; result i belongs to response i. A rating does not depend on the other responses of the call.</summary>
    Task<IReadOnlyList<Rating>> RateAsync(IReadOnlyList<RatedResponse> responses, CancellationToken cancel);
}

/// <summary>A response to rate.</summary>
/// <param name="Messages">The conversation that it answers.</param>
/// <param name="Response">Its text.</param>
public sealed record RatedResponse(IReadOnlyList<ChatMessage> Messages, string Response)
{
    /// <summary>The prompt's check, for raters that score by it; null for all others.</summary>
    public JsonObject? Check { get; init; }

    /// <summary>The key under which the rating is kept, made from the contents.</summary>
    /// <param name="rater">Id of the rater.</param>
    public RatingKey Key(string rater) => new(rater, ContentHash.Of(Messages, Check), ContentHash.Of(Response));
}
