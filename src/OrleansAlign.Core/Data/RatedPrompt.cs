using System.Text.Json.Nodes;
using OrleansAlign.Models.Chat;
using OrleansAlign.Models.Numerics;

namespace OrleansAlign.Core.Data;

/// <summary>One aspect's annotation of an answer.</summary>
/// <param name="Rating">The rating; null where the file has "N/A" or nothing.</param>
/// <param name="Rationale">Why; null where there is none, or where it speaks of "Text 1" to "Text 4", which only the annotator saw.</param>
internal sealed record AspectRating(double? Rating, string? Rationale);

/// <summary>An answer with its annotations.</summary>
/// <param name="Response">The answer's text.</param>
/// <param name="SystemPrompt">The system message it was made under; null if none.</param>
/// <param name="Aspects">By aspect: helpfulness, honesty, instruction_following, truthfulness.</param>
internal sealed record RatedAnswer(string Response, string? SystemPrompt, IReadOnlyDictionary<string, AspectRating> Aspects)
{
    /// <summary>Mean of the aspects' ratings, those without a number skipped; null if none has one.</summary>
    public double? Score
    {
        get
        {
            double[] ratings = [.. Aspects.Values.Select(a => a.Rating).OfType<double>().Order()];
            return ratings.Length == 0 ? null : ratings.Sum() / ratings.Length;
        }
    }
}

/// <summary>A prompt with several rated answers, as UltraFeedback has it, and what training rows come of it.</summary>
/// <param name="Id">Unique within its file.</param>
/// <param name="Prompt">The conversation before the answers, without the answers' own system messages.</param>
/// <param name="Responses">In the file's order.</param>
/// <remarks>
/// Rules of SELF-JUDGE's preparation: answers rank by (score, length in characters); the best is the demonstration, under its own system message; a
/// judge learns the best against a random one of strictly lower score, or, by principle, the best in that aspect against a random strictly lower one.
/// Draws derive from the seed and the id.
/// </remarks>
internal sealed record RatedPrompt(string Id, IReadOnlyList<ChatMessage> Prompt, IReadOnlyList<RatedAnswer> Responses)
{
    /// <inheritdoc cref="Data.Demonstration.Variables"/>
    public JsonObject? Variables { get; init; }

    /// <inheritdoc cref="Data.Demonstration.Source"/>
    public RowSource Source { get; init; }

    /// <summary>The best answer as a demonstration; null if no answer has a score.</summary>
    public Demonstration? Demonstration()
    {
        if (Best(r => r.Score) is not { } best) return null;
        ChatMessage[] system = string.IsNullOrWhiteSpace(best.SystemPrompt) || Prompt[0].Role == "system" ? [] : [new ChatMessage("system", best.SystemPrompt)];
        ChatMessage[] messages = [.. system, .. Prompt, new ChatMessage("assistant", best.Response)];
        return new Demonstration(Id, messages, [messages.Length - 1]) { Variables = Variables, Source = Source };
    }

    /// <summary>The best answer over a random strictly lower one; null if there is no such pair.</summary>
    public PreferenceRow? Preference(ulong seed) => Pair(r => r.Score, seed, Id) is var (best, worse)
        ? new PreferenceRow(Id, Prompt, best.Response, worse.Response) { Variables = Variables, Source = Source }
        : null;

    /// <summary>The best answer in one aspect over a random strictly lower one, with both rationales; null if there is no such pair.</summary>
    public PreferenceRow? Preference(string principle, ulong seed)
    {
        string id = $"{Id}/{principle}";
        if (Pair(r => r.Aspects.GetValueOrDefault(principle)?.Rating, seed, id) is not var (best, worse)) return null;
        return new PreferenceRow(id, Prompt, best.Response, worse.Response)
        {
            Variables = Variables,
            Source = Source,
            Principle = principle,
            ChosenRationale = best.Aspects[principle].Rationale,
            RejectedRationale = worse.Aspects[principle].Rationale,
        };
    }

    private IEnumerable<RatedAnswer> Answered => Responses.Where(r => !string.IsNullOrWhiteSpace(r.Response));

    private RatedAnswer? Best(Func<RatedAnswer, double?> score) =>
        Answered.Where(r => score(r) is not null).OrderByDescending(r => score(r)).ThenByDescending(r => r.Response.Length).FirstOrDefault();

    private (RatedAnswer Best, RatedAnswer Worse)? Pair(Func<RatedAnswer, double?> score, ulong seed, string id)
    {
        if (Best(score) is not { } best) return null;
        RatedAnswer[] lower = [.. Answered.Where(r => score(r) < score(best) && r.Response != best.Response)];
        return lower.Length == 0 ? null : (best, lower[CounterRandom.Integer(CounterRandom.Derive(seed, id), 0, lower.Length)]);
    }
}
