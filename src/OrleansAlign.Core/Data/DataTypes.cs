using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Data;

/// <summary>A conversation that awaits an answer.</summary>
/// <param name="Id">Unique within its file; seeds derive from it.</param>
/// <param name="Messages">At least one; the last is the user's.</param>
public sealed record Prompt(string Id, IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>What a verifier checks an answer against (<see cref="Verification.Verifiers"/>); null if answers cannot be checked.</summary>
    public JsonObject? Check { get; init; }

    /// <summary>The row's "meta" object, unchanged.</summary>
    public JsonObject? Meta { get; init; }

    /// <inheritdoc cref="Demonstration.Variables"/>
    public JsonObject? Variables { get; init; }

    /// <inheritdoc cref="Demonstration.Source"/>
    public RowSource Source { get; init; }
}

/// <summary>A conversation to learn from.</summary>
/// <param name="Id">Unique within its file.</param>
/// <param name="Messages">At least two; the last is the assistant's.</param>
/// <param name="TrainedTurns">Ascending indices of the assistant's messages that are trained on: all of them in a "messages" row,
/// otherwise the completion's.</param>
public sealed record Demonstration(string Id, IReadOnlyList<ChatMessage> Messages, IReadOnlyList<int> TrainedTurns)
{
    /// <summary>The row's own variables of the chat template, such as <c>tools</c> and <c>enable_thinking</c>; null if it has none.</summary>
    public JsonObject? Variables { get; init; }

    /// <summary>Where the row stands.</summary>
    public RowSource Source { get; init; }
}

/// <summary>Two answers to one prompt, of which one is preferred. Neither is empty, and they differ.</summary>
/// <param name="Id">Unique among the rows of a file.</param>
/// <param name="Prompt">The conversation before the answers.</param>
/// <param name="Chosen">The better answer.</param>
/// <param name="Rejected">The worse answer.</param>
public sealed record PreferenceRow(string Id, IReadOnlyList<ChatMessage> Prompt, string Chosen, string Rejected)
{
    /// <summary>The principle by which the chosen answer is better; null if the row names none.</summary>
    public string? Principle { get; init; }

    /// <summary>The rationale about the chosen answer; null if the row has none.</summary>
    public string? ChosenRationale { get; init; }

    /// <summary>The rationale about the rejected answer; null if the row has none.</summary>
    public string? RejectedRationale { get; init; }

    /// <inheritdoc cref="Demonstration.Variables"/>
    public JsonObject? Variables { get; init; }

    /// <inheritdoc cref="Demonstration.Source"/>
    public RowSource Source { get; init; }
}

/// <summary>A context with any number of responses, to choose the best of by tournament.</summary>
/// <param name="Id">Unique within its file.</param>
/// <param name="Context">The conversation before the responses.</param>
/// <param name="Responses">At least one.</param>
public sealed record ResponseSet(string Id, IReadOnlyList<ChatMessage> Context, IReadOnlyList<string> Responses);

/// <summary>The place of a row.</summary>
/// <param name="File">The file, as messages name it.</param>
/// <param name="Line">Its line, from 1; in a Parquet file its row.</param>
public readonly record struct RowSource(string File, int Line)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}";
}
