using System.Text.Json.Nodes;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Models.Chat;

namespace OrleansAlign.Core.Ports;

/// <summary>Compares two responses to a conversation.</summary>
public interface IJudge
{
    /// <summary>Hash of all that determines the judge's answers: its policy, its templates, its rule. Verdicts are kept under it.</summary>
    string Id { get; }

    /// <summary>Answers one question per entry; result i belongs to question i. A verdict does not depend on the other questions of the call.</summary>
    Task<IReadOnlyList<Verdict>> JudgeAsync(IReadOnlyList<JudgeQuestion> questions, CancellationToken cancel);
}

/// <summary>The question which of two responses is better.</summary>
/// <param name="Messages">The conversation that they answer.</param>
/// <param name="A">The response shown first.</param>
/// <param name="B">The response shown second.</param>
public sealed record JudgeQuestion(IReadOnlyList<ChatMessage> Messages, string A, string B)
{
    /// <summary>The prompt's check, for judges that decide by it; null for all others, whose verdicts must not depend on it.</summary>
    public JsonObject? Check { get; init; }

    /// <summary>The same question with the responses exchanged.</summary>
    public JudgeQuestion Swap() => this with { A = B, B = A };

    /// <summary>The key under which the verdict is kept, made from the contents.</summary>
    /// <param name="judge">Id of the judge.</param>
    public VerdictKey Key(string judge) => new(judge, ContentHash.Of(Messages, Check), ContentHash.Of(A), ContentHash.Of(B));

    /// <summary>The request to rate one of the responses alone.</summary>
    public RatedResponse RatingOf(string response) => new(Messages, response) { Check = Check };
}
