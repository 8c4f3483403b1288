using OrleansAlign.Core.Data;
using OrleansAlign.Core.Judging;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Supervision;

/// <summary>Rows to learn from, in training order, and the number of preferences that were dropped.</summary>
/// <param name="Rows">Answers and judgements, mixed.</param>
/// <param name="Dropped">Preferences dropped, by reason.</param>
public sealed record SupervisedSet(IReadOnlyList<SupervisedRow> Rows, IReadOnlyDictionary<string, int> Dropped);

/// <summary>Judge-augmented supervised fine-tuning (JSFT, SELF-JUDGE, 2402.11253): one model learns to answer and to judge.</summary>
/// <remarks>
/// Every preference gives two judgements, (chosen, rejected) → A and (rejected, chosen) → B, per template; one that names its principle goes to
/// that principle's template alone. A rationale follows the decision ("Evaluation of Response A: …", then of B, in the order shown), so that
/// judging needs no rationale to be generated. Departures: rows with a rationale also learn to end; the order of rows depends on the seed and
/// the rows alone.
/// </remarks>
public static class JudgeSupervision
{
    /// <summary>Makes the rows. A pure function.</summary>
    /// <param name="demonstrations">Rows to learn answering from.</param>
    /// <param name="preferences">Rows to learn judging from.</param>
    /// <param name="judgeTemplates">At least one; one per principle.</param>
    /// <param name="rationales">Whether the reasons are learnt after the decision; preferences that lack one of the two are dropped.</param>
    /// <param name="seed">What the order of the rows derives from.</param>
    public static SupervisedSet Build(
        IEnumerable<Demonstration> demonstrations, IEnumerable<PreferenceRow> preferences, IReadOnlyList<JudgeTemplate> judgeTemplates, bool rationales,
        ulong seed)
    {
        List<SupervisedRow> rows = [.. demonstrations.Select(AnswerRow.Of)];
        var dropped = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (PreferenceRow preference in preferences)
        {
            IReadOnlyList<JudgeTemplate> templates = preference.Principle is { } principle
                ? [.. judgeTemplates.Where(t => t.Principle == principle)]
                : judgeTemplates;
            string? reason = templates.Count == 0 ? $"no judge template has the principle '{preference.Principle}'"
                : rationales && !HasRationales(preference) ? "a rationale is missing"
                : null;
            if (reason is not null) dropped[reason] = dropped.GetValueOrDefault(reason) + 1;
            else rows.AddRange(templates.SelectMany(t => Judgements(preference, t, rationales)));
        }

        int[] order = CounterRandom.Permutation(CounterRandom.Derive(seed, "order of supervised rows"), rows.Count);
        return new SupervisedSet([.. order.Select(i => rows[i])], dropped);
    }

    private static bool HasRationales(PreferenceRow preference) =>
        !string.IsNullOrWhiteSpace(preference.ChosenRationale) && !string.IsNullOrWhiteSpace(preference.RejectedRationale);

    private static IEnumerable<SupervisedRow> Judgements(PreferenceRow preference, JudgeTemplate template, bool rationales)
    {
        string context = JudgeContext.Render(preference.Prompt), id = $"{preference.Id}#{template.Principle}";
        yield return new JudgementRow(
            id + "#A", template, template.Fill(context, preference.Chosen, preference.Rejected), Outcome.A,
            rationales ? Rationale(preference.ChosenRationale, preference.RejectedRationale) : null) { Source = preference.Source };
        yield return new JudgementRow(
            id + "#B", template, template.Fill(context, preference.Rejected, preference.Chosen), Outcome.B,
            rationales ? Rationale(preference.RejectedRationale, preference.ChosenRationale) : null) { Source = preference.Source };
    }

    private static string Rationale(string? first, string? second) =>
        $"\n\nEvaluation of Response A: {first?.Trim()}\n\nEvaluation of Response B: {second?.Trim()}";
}
