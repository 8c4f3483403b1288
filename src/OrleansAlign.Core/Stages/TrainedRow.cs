using OrleansAlign.Core.Data;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Stages;

/// <summary>A row as a stage trains it.</summary>
/// <param name="Source">Where the row of data stands.</param>
/// <param name="Part">What it is: <c>answer</c>, <c>judgement</c>, <c>chosen</c>, <c>rejected</c>, or <c>prompt</c>, of which nothing is trained.</param>
/// <param name="Tokens">Its tokens, and which of them are trained.</param>
public sealed record TrainedRow(RowSource Source, string Part, TokenSequence Tokens)
{
    /// <summary>For each token: whether it is trained.</summary>
    public IReadOnlyList<bool> Trained { get; } =
        [.. Enumerable.Range(0, Tokens.Tokens.Length).Select(i => i >= Tokens.PromptLength && (Tokens.Trained?[i - Tokens.PromptLength] ?? true))];
}
