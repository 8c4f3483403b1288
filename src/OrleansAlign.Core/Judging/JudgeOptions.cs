using OrleansAlign.Models;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Judging;

/// <summary>Who judges responses, how it is asked, and what counts as an answer.</summary>
public sealed record JudgeOptions : IChecked
{
    /// <summary>Who judges, and whether two responses are compared or each is rated by itself. Default <c>pairwise</c>.</summary>
    public JudgeKind Kind { get; init; } = JudgeKind.Pairwise;

    /// <summary>Whether a policy is asked.</summary>
    public bool AsksPolicy => Kind != JudgeKind.Rule;

    /// <summary>Whether single responses get scores.</summary>
    public bool GivesScores => Kind != JudgeKind.Pairwise;

    /// <summary>How a pointwise judge is asked; left out, the additive five-point rubric.</summary>
    public RewardTemplateKeys? Reward { get; init; }

    /// <summary>Ratings that a pointwise judge draws per response. Default 3.</summary>
    public int Judgements { get; init; } = 3;

    /// <summary>How a pointwise judge draws them. Default temperature 0.7, top-p 0.9, at most 256 tokens.</summary>
    public SamplingOptions Sampling { get; init; } = new() { Temperature = 0.7, TopP = 0.9 };

    /// <summary>Names of the principles, one question each: built in, or among <see cref="Templates"/>. Default <c>overall</c>.</summary>
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
        if (!(Judgements >= 1)) yield return $"judgements is {Judgements}; it must be 1 or more";
        if (Principles.Count == 0) yield return "principles is empty; name at least one";
        foreach (string name in Principles)
        {
            if (!Templates.ContainsKey(name) && JudgeTemplates.Find(name) is null)
            {
                string builtIn = string.Join(", ", JudgeTemplates.All.Select(t => t.Principle));
                yield return $"principles names {name}, which is neither built in ({builtIn}) nor among templates";
            }
        }

        if (Principles.Distinct().Count() != Principles.Count) yield return "principles names one twice";
        foreach (string problem in Rule.Problems()) yield return problem;
    }

    /// <summary>The templates of the principles, in the recipe's order.</summary>
    public IReadOnlyList<JudgeTemplate> Resolve() =>
        [.. Principles.Select(name => Templates.TryGetValue(name, out JudgeTemplateKeys? own) ? own.ToTemplate(name) : JudgeTemplates.Find(name)!)];

    /// <summary>The wording of a pointwise judge.</summary>
    public RewardTemplate RewardOrDefault => Reward?.ToTemplate() ?? RewardTemplate.Additive;
}

/// <summary>The kinds of judges.</summary>
public enum JudgeKind
{
    /// <summary>A policy compares two responses by the probabilities of two decision tokens, in both orders.</summary>
    Pairwise,

    /// <summary>A policy rates each response in words that end in a score.</summary>
    Pointwise,

    /// <summary>The prompt's own check scores each response; no model is asked.</summary>
    Rule,
}

/// <summary>A pointwise judge's wording as recipes write it.</summary>
public sealed record RewardTemplateKeys : IChecked
{
    /// <summary>System message; none if left out.</summary>
    public string? System { get; init; }

    /// <summary>User message with {prompt} and {response}, each once.</summary>
    public string User { get; init; } = RewardTemplate.Additive.User;

    /// <summary>Lowest score. Default 0.</summary>
    public double Minimum { get; init; }

    /// <summary>Highest score. Default 5.</summary>
    public double Maximum { get; init; } = 5;

    /// <summary>The form in which the judge writes its rating. Default <c>additive</c>.</summary>
    public RatingFormat Format { get; init; }

    /// <summary>A regular expression in place of <see cref="Format"/>, with one group that takes the rating.</summary>
    public string? Regex { get; init; }

    /// <summary>As the judge takes it.</summary>
    public RewardTemplate ToTemplate() => new()
    {
        System = System, User = User, Parser = new RatingParser { Minimum = Minimum, Maximum = Maximum, Format = Format, Regex = Regex },
    };

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems() => ToTemplate().Problems();
}

/// <summary>A pairwise judge's wording as recipes write it.</summary>
public sealed record JudgeTemplateKeys : IChecked
{
    /// <summary>System message; none if left out.</summary>
    public string? System { get; init; }

    /// <summary>User message with {context}, {response_a} and {response_b}, each once.</summary>
    public string User { get; init; } = "";

    /// <summary>Beginning of the judge's answer, after which the decision token comes. Default <c>Better: Response</c>.</summary>
    public string Assistant { get; init; } = "Better: Response";

    /// <summary>The two decisions, each one token. Default <c>" A"</c> and <c>" B"</c>.</summary>
    public IReadOnlyList<string> Decisions { get; init; } = [" A", " B"];

    /// <summary>As the judge takes it.</summary>
    public JudgeTemplate ToTemplate(string principle) =>
        new() { Principle = principle, System = System, User = User, AssistantPrefix = Assistant, DecisionA = Decisions[0], DecisionB = Decisions[1] };

    /// <summary>What is wrong: value, rule and key.</summary>
    public IEnumerable<string> Problems()
    {
        if (Decisions.Count != 2) return [$"decisions has {Decisions.Count} texts; exactly two belong there, that for A first"];
        return ToTemplate("own").Problems();
    }
}
