using System.Text.Json.Nodes;
using OrleansAlign.Core.Data;
using OrleansAlign.Core.Judging;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Core.Supervision;

/// <summary>One row of supervised training, as text. Exactly the parts that the row names are trained.</summary>
/// <param name="Id">Unique within its set.</param>
public abstract record SupervisedRow(string Id)
{
    /// <summary>Where the row of data stands that this one is made of.</summary>
    public RowSource Source { get; init; }
}

/// <summary>A conversation whose answers are learnt.</summary>
/// <param name="Id">Unique within its set.</param>
/// <param name="Messages">The whole conversation.</param>
/// <param name="TrainedTurns">Ascending indices of the messages that are learnt, each with the token that ends its turn.</param>
public sealed record AnswerRow(string Id, IReadOnlyList<ChatMessage> Messages, IReadOnlyList<int> TrainedTurns) : SupervisedRow(Id)
{
    /// <summary>The learnt answers of a demonstration.</summary>
    public static AnswerRow Of(Demonstration demonstration) => new(demonstration.Id, demonstration.Messages, demonstration.TrainedTurns)
    {
        Variables = demonstration.Variables, Source = demonstration.Source,
    };

    /// <inheritdoc cref="Demonstration.Variables"/>
    public JsonObject? Variables { get; init; }
}

/// <summary>A comparison of which the outcome is learnt, and its reasons if there are any.</summary>
/// <param name="Id">Unique within its set.</param>
/// <param name="Template">What asks: system message, assistant prefix, decision tokens, principle.</param>
/// <param name="User">The filled user message.</param>
/// <param name="Label">Which of the responses shown is better: <see cref="Outcome.A"/> or <see cref="Outcome.B"/>.</param>
/// <param name="Rationale">What follows the decision token; null: nothing.</param>
/// <remarks>
/// The prompt is system, user and the beginning of the assistant's turn up to and with the template's prefix. Without a rationale exactly one token
/// is trained, the decision token, and the turn is not ended; with one, the decision token, the rationale, and the token that ends the turn.
/// </remarks>
public sealed record JudgementRow(string Id, JudgeTemplate Template, MarkedText User, Outcome Label, string? Rationale) : SupervisedRow(Id)
{
    /// <summary>Text of the decision token, which is the first of the target.</summary>
    public string Decision => Label == Outcome.A ? Template.DecisionA : Template.DecisionB;

    /// <summary>All that is trained, as text, without the token that ends the turn.</summary>
    public string Target => Decision + Rationale;

    /// <summary>Whether the token that ends the turn is trained as well.</summary>
    public bool EndsTurn => Rationale is not null;
}
