using System.Security.Cryptography;
using System.Text;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Ports;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Engines;

namespace OrleansAlign.Core.Judges;

/// <summary>Asks a policy which response is better: per principle and in both orders, by the probabilities of the two decision tokens.</summary>
/// <remarks>SELF-JUDGE (arXiv:2402.11253) §3.1. Departures: probabilities are raw, before any sampling warper, and an even reading is a tie.</remarks>
public sealed class PairwiseJudge : IJudge
{
    private readonly LoadedPolicy policy;
    private readonly IReadOnlyList<JudgeTemplate> templates;
    private readonly PairwiseRule rule;
    private readonly int[][] decisions;

    /// <summary>Sets up a judge.</summary>
    /// <exception cref="InvalidDataException">A decision is not exactly one token of this policy's tokenizer.</exception>
    public PairwiseJudge(LoadedPolicy policy, IReadOnlyList<JudgeTemplate> templates, PairwiseRule rule)
    {
        (this.policy, this.templates, this.rule) = (policy, templates, rule);
        decisions = [.. templates.Select(t => DecisionTokens(policy.Encoder, t))];
        Id = IdOf(policy.Hash, templates, rule);
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <summary>The <see cref="Id"/> of a policy's judge, computed without loading the weights.</summary>
    public static string IdOf(string policy, IReadOnlyList<JudgeTemplate> templates, PairwiseRule rule)
    {
        string identity = string.Join('\n', templates.Select(t => t.ToString()).Append(rule.ToString()).Append(policy));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
    }

    /// <summary>The ids of the two decisions after the judge's frame.</summary>
    public static int[] DecisionTokens(ConversationEncoder encoder, JudgeTemplate template)
    {
        IReadOnlyList<ChatMessage> question = JudgeContext.Question(template.System, template.Fill("context", "a", "b"));
        return [One(template.DecisionA), One(template.DecisionB)];

        int One(string decision)
        {
            TokenSequence row = encoder.Row(question, template.AssistantPrefix, decision, endTurn: false);
            return row.CompletionLength == 1
                ? row.Tokens[^1]
                : throw new InvalidDataException(
                    $"judge template {template.Principle}: the decision \"{decision}\" is {row.CompletionLength} tokens; "
                    + "choose a text that is one token in this tokenizer");
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Verdict>> JudgeAsync(IReadOnlyList<JudgeQuestion> questions, CancellationToken cancel)
    {
        var readings = new PrincipleReading[questions.Count][];
        var tooLong = new int[questions.Count];
        for (int q = 0; q < questions.Count; q++) readings[q] = new PrincipleReading[templates.Count];

        for (int t = 0; t < templates.Count; t++)
        {
            List<int[]> prompts = new(questions.Count * 2);
            List<int> asked = new(questions.Count);
            for (int q = 0; q < questions.Count; q++)
            {
                string context = JudgeContext.Render(questions[q].Messages);
                int[] forward = Ask(context, questions[q].A, questions[q].B), swapped = Ask(context, questions[q].B, questions[q].A);
                int longest = Math.Max(forward.Length, swapped.Length);
                if (longest > policy.Encoder.ContextLength)
                {
                    tooLong[q] = longest;
                    continue;
                }

                asked.Add(q);
                prompts.Add(forward);
                prompts.Add(swapped);
            }

            IReadOnlyList<ChoiceLogits> logits = policy.Engine.ChoiceLogits(prompts, decisions[t], cancel);
            for (int i = 0; i < asked.Count; i++)
            {
                readings[asked[i]][t] = new PrincipleReading(templates[t].Principle, Reading(logits[2 * i]), Reading(logits[(2 * i) + 1]));
            }

            int[] Ask(string context, string a, string b) =>
                policy.Encoder.Prompt(JudgeContext.Question(templates[t].System, templates[t].Fill(context, a, b)), templates[t].AssistantPrefix);
        }

        return Task.FromResult<IReadOnlyList<Verdict>>([.. questions.Select((_, q) => tooLong[q] == 0
            ? rule.Decide(readings[q])
            : Verdict.OfInvalid(UnaskedQuestion.Reason(tooLong[q], policy.Encoder.ContextLength)))]);
    }

    private static OrderReading Reading(ChoiceLogits logits) => new(logits.Probability(0), logits.Probability(1));
}
