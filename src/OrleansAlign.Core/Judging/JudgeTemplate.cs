using OrleansAlign.Models.Text;

namespace OrleansAlign.Core.Judging;

/// <summary>How a judge is asked to compare two responses by one principle; the answer is its next token.</summary>
/// <remarks>Format of SELF-JUDGE (2402.11253); the wordings in <see cref="JudgeTemplates"/> are this project's.</remarks>
public sealed record JudgeTemplate
{
    /// <summary>The principle's name, in lower case.</summary>
    public required string Principle { get; init; }

    /// <summary>System message; null for none.</summary>
    public string? System { get; init; }

    /// <summary>User message with <c>{context}</c>, <c>{response_a}</c> and <c>{response_b}</c>, each exactly once.</summary>
    public required string User { get; init; }

    /// <summary>How the judge's own turn begins, up to the decision token. Default "Better: Response".</summary>
    public string AssistantPrefix { get; init; } = "Better: Response";

    /// <summary>Text of the token that names the response shown first. Default " A".</summary>
    public string DecisionA { get; init; } = " A";

    /// <summary>Text of the token that names the response shown second. Default " B".</summary>
    public string DecisionB { get; init; } = " B";

    /// <summary>What is wrong with this template; empty if nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        string what = $"the user message of judge template '{Principle}'";
        if (string.IsNullOrWhiteSpace(Principle)) yield return "a judge template has no principle name";
        foreach (string problem in PlaceholderTemplate.Problems(User, what, "context", "response_a", "response_b")) yield return problem;
        if (DecisionA.Length == 0 || DecisionB.Length == 0 || DecisionA == DecisionB)
            yield return $"judge template '{Principle}' decides by '{DecisionA}' and '{DecisionB}'; they must differ and not be empty";
        if (AssistantPrefix.Length > 0 && char.IsWhiteSpace(AssistantPrefix[^1]) && (DecisionA.StartsWith(' ') || DecisionB.StartsWith(' ')))
            yield return $"the assistant prefix of judge template '{Principle}' ends in white space, but its decision tokens bring their own";
    }

    /// <summary>The user message about one pair, in the order shown; context and responses are marked as content, the rest is frame.</summary>
    public MarkedText Fill(string context, string responseA, string responseB) =>
        PlaceholderTemplate.Fill(User, ("context", context), ("response_a", responseA), ("response_b", responseB));
}
