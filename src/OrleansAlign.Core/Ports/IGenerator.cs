using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Ports;

/// <summary>Draws candidates from policies.</summary>
public interface IGenerator
{
    /// <summary>Draws one response per request; result i belongs to request i. A result does not depend on the other requests of the call.</summary>
    /// <param name="policy">Hash of the policy.</param>
    /// <param name="requests">What to draw.</param>
    /// <param name="cancel">Ends the work early.</param>
    Task<IReadOnlyList<GeneratedResponse>> GenerateAsync(string policy, IReadOnlyList<GenerationRequest> requests, CancellationToken cancel);
}

/// <summary>One response to draw.</summary>
/// <param name="Messages">The conversation to answer.</param>
/// <param name="Seed">Seed of its draws.</param>
/// <param name="Options">How to draw.</param>
public sealed record GenerationRequest(IReadOnlyList<ChatMessage> Messages, ulong Seed, SamplingOptions Options)
{
    /// <summary>Variables of the chat template, the recipe's and the row's; null if there are none.</summary>
    public JsonObject? Variables { get; init; }
}

/// <summary>A response as drawn.</summary>
/// <param name="PromptTokens">The conversation as token ids.</param>
/// <param name="Tokens">The response's ids, the stop token included.</param>
/// <param name="LogProbs">Raw log-prob of each.</param>
/// <param name="Finish">Why it ended.</param>
/// <param name="Text">The response as text, without control tokens.</param>
public sealed record GeneratedResponse(int[] PromptTokens, int[] Tokens, float[] LogProbs, FinishReason Finish, string Text);
