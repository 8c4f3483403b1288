using OrleansAlign.Core.Data;
using OrleansAlign.Core.Judging;

namespace OrleansAlign.Core.Stages;

/// <summary>Whether a judge's questions about candidates will fit its context.</summary>
internal static class JudgeRoom
{
    /// <summary>A note on the prompts whose questions may not fit, with candidates of the greatest length; null if all fit.</summary>
    /// <param name="context">The run's judge and encoder.</param>
    /// <param name="candidate">Greatest length of a candidate, in tokens.</param>
    /// <param name="prompts">The prompts.</param>
    public static string? Note(StageContext context, int candidate, IReadOnlyList<Prompt> prompts)
    {
        if (!context.Judge.AsksPolicy) return null;
        int room = context.Encoder.ContextLength, most = 0, over = 0;
        foreach (Prompt prompt in prompts)
        {
            int length = Length(context, JudgeContext.Render(prompt.Messages), candidate);
            most = Math.Max(most, length);
            if (length > room) over++;
        }

        return over == 0 ? null : $"of {prompts.Count} prompts, {over} may not fit the judge's context of {room} tokens when candidates are as long as "
            + $"sampling.max-new-tokens ({candidate}) allows (the longest question would take {most}); such questions are not judged: "
            + "lower max-new-tokens, or give shorter prompts";
    }

    private static int Length(StageContext context, string conversation, int candidate)
    {
        JudgeOptions judge = context.Judge;
        if (judge.Kind == JudgeKind.Pairwise)
        {
            return judge.Resolve().Max(t =>
                context.Encoder.Prompt(JudgeContext.Question(t.System, t.Fill(conversation, "", "")), t.AssistantPrefix).Length) + (2 * candidate);
        }

        RewardTemplate reward = judge.RewardOrDefault;
        return context.Encoder.Prompt(JudgeContext.Question(reward.System, reward.Fill(conversation, ""))).Length + candidate + judge.Sampling.MaxNewTokens;
    }
}
