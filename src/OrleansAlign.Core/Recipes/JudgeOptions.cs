using OrleansAlign.Core.Judging;

namespace OrleansAlign.Core.Recipes;

/// <summary>How a policy is asked to judge two responses, and what counts as an answer.</summary>
public sealed record JudgeOptions
{
    /// <summary>Names of the principles that are asked about, one question each: built-in ones, or such as <see cref="Templates"/> has. Default <c>overall</c>.</summary>
    public IReadOnlyList<string> Principles { get; init; } = ["overall"];

    /// <summary>Own wordings by principle.</summary>
    public IReadOnlyDictionary<string, JudgeTemplateKeys> Templates { get; init; } = new Dictionary<string, JudgeTemplateKeys>();

    /// <summary>|margin| below which a match is a tie, in [0, 1). Default 0: only equal readings tie.</summary>
    public double MarginForTie { get; init; }

    /// <summary>Probability that both decision tokens together must reach, else the verdict is invalid. Default 0.01.</summary>
    public double MinimumMass { get; init; } = 0.01;

    /// <summary>The rule that turns readings into a verdict.</summary>
    public PairwiseRule Rule => new() { MarginForTie = MarginForTie, MinimumMass = MinimumMass };

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        if (Principles.Count == 0) yield return "principles is empty; name at least one";
        foreach (string name in Principles)
        {
            if (!Templates.ContainsKey(name) && JudgeTemplates.Find(name) is null)
            {
                yield return $"principles names {name}, which is neither built in ({string.Join(", ", JudgeTemplates.All.Select(t => t.Principle))}) nor among templates";
            }
        }

        if (Principles.Distinct().Count() != Principles.Count) yield return "principles names one twice";
        foreach (string problem in Rule.Problems()) yield return problem;
    }

    /// <summary>The templates of the principles, in the recipe's order.</summary>
    public IReadOnlyList<JudgeTemplate> Resolve() =>
        [.. Principles.Select(name => Templates.TryGetValue(name, out JudgeTemplateKeys? own) ? own.ToTemplate(name) : JudgeTemplates.Find(name)!)];
}

/// <summary>A judge's wording as recipes write it.</summary>
public sealed record JudgeTemplateKeys
{
    /// <summary>System message; none if left out.</summary>
    public string? System { get; init; }

    /// <summary>User message with {context}, {response_a} and {response_b}, each once.</summary>
    public string User { get; init; } = "";

    /// <summary>Beginning of the judge's answer, after which the decision token comes. Default empty.</summary>
    public string Assistant { get; init; } = "";

    /// <summary>The two decisions, each one token. Default <c>" A"</c> and <c>" B"</c>.</summary>
    public IReadOnlyList<string> Decisions { get; init; } = [" A", " B"];

    /// <summary>As the judge takes it.</summary>
    public JudgeTemplate ToTemplate(string principle) => new() { Principle = principle, System = System, User = User, AssistantPrefix = Assistant, DecisionA = Decisions[0], DecisionB = Decisions[1] };

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        if (Decisions.Count != 2) return [$"decisions has {Decisions.Count} texts; exactly two belong there, that for A first"];
        return ToTemplate("").Problems();
    }
}
