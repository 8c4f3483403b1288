using System.Text.Json.Nodes;

namespace OrleansAlign.Models.Chat;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>.</param>
/// <param name="Content">What was said.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>Further fields that published templates read (<c>tool_calls</c>, <c>reasoning_content</c>, <c>name</c>); null if none.</summary>
    public JsonObject? Extra { get; init; }
}
