using OrleansAlign.Core.Judging;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Ports;

/// <summary>Compares two responses to a conversation.</summary>
public interface IJudge
{
    /// <summary>What makes this judge this judge, hashed: its policy, its templates, its rule. Verdicts are kept under it.</summary>
    string Id { get; }

    /// <summary>Answers one question per entry; result i belongs to question i. What comes out does not depend on what is asked together.</summary>
    Task<IReadOnlyList<Verdict>> JudgeAsync(IReadOnlyList<JudgeQuestion> questions, CancellationToken cancel);
}

/// <summary>Which of two responses is better?</summary>
/// <param name="Messages">The conversation that they answer.</param>
/// <param name="A">The response shown first.</param>
/// <param name="B">The other.</param>
public sealed record JudgeQuestion(IReadOnlyList<ChatMessage> Messages, string A, string B);
