using System.Text.Json.Nodes;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Judges;

/// <summary>Makes the judge that a recipe describes. A new kind of judge is added here and in <see cref="JudgeKind"/>.</summary>
/// <param name="options">The recipe's judge options.</param>
/// <param name="runSeed">The run's seed, which a judge's draws derive from.</param>
/// <param name="variables">Variables of the chat template in which a policy is asked; null if there are none.</param>
public sealed class JudgeFactory(JudgeOptions options, ulong runSeed, JsonObject? variables = null)
{
    private ulong DrawSeed => CounterRandom.Derive(runSeed, "judge");

    /// <summary>The recipe's judge options.</summary>
    public JudgeOptions Options => options;

    /// <summary>Makes the judge.</summary>
    /// <param name="policy">Hash of the policy that judges; unused by a judge that asks no policy.</param>
    /// <param name="load">Loads a policy; called only by a judge that asks one.</param>
    public IJudge Create(string policy, Func<string, LoadedPolicy> load) => options.Kind switch
    {
        JudgeKind.Pairwise => new PairwiseJudge(Asked(load(policy)), options.Resolve(), options.Rule),
        JudgeKind.Pointwise => new PointwiseJudge(Asked(load(policy)), options.RewardOrDefault, options.Judgements, options.Sampling, DrawSeed),
        JudgeKind.Rule => new RuleJudge(),
        _ => throw new InvalidOperationException($"no judge of kind {options.Kind} is known"),
    };

    /// <summary>Makes the judge of a loaded policy.</summary>
    public IJudge Create(LoadedPolicy policy) => Create(policy.Hash, _ => policy);

    /// <summary>The <see cref="IJudge.Id"/> of the judge, computed from the policy's hash alone.</summary>
    public string IdOf(string policy) => options.Kind switch
    {
        JudgeKind.Pairwise => PairwiseJudge.IdOf(Named(policy), options.Resolve(), options.Rule),
        JudgeKind.Pointwise => PointwiseJudge.IdOf(Named(policy), options.RewardOrDefault, options.Judgements, options.Sampling, DrawSeed),
        JudgeKind.Rule => new RuleJudge().Id,
        _ => throw new InvalidOperationException($"no judge of kind {options.Kind} is known"),
    };

    /// <summary>Checks that policies with this tokenizer can be asked.</summary>
    /// <exception cref="InvalidDataException">A pairwise judge's decision is not exactly one token.</exception>
    public void Check(ConversationEncoder encoder)
    {
        if (options.Kind != JudgeKind.Pairwise) return;
        foreach (JudgeTemplate template in options.Resolve()) PairwiseJudge.DecisionTokens(encoder, template);
    }

    private LoadedPolicy Asked(LoadedPolicy policy) => policy with { Hash = Named(policy.Hash), Encoder = policy.Encoder.With(variables) };

    /// <summary>The policy's name in the judge's id: other variables make another judge.</summary>
    private string Named(string policy) => variables is null ? policy : $"{policy} {variables.ToJsonString()}";
}
